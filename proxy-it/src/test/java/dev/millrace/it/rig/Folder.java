package dev.millrace.it.rig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The data folder of the product, seen from outside.
 *
 * <p>Threading: immutable; what it shows may change while it is looked at.
 */
public record Folder(Path root) {

  /** A new folder for temporary files. */
  public static Folder create() {
    try {
      return new Folder(Files.createTempDirectory("millrace-it-"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All committed blobs. */
  public List<Path> blobs() {
    return files(root.resolve("blobs"));
  }

  /** What lies in the spool. */
  public List<Path> spool() {
    return files(root.resolve("spool"));
  }

  /** Bytes of all committed blobs. */
  public long blobBytes() {
    return blobs().stream().mapToLong(Folder::sizeOf).sum();
  }

  /** The SHA-256 of a file in lower-case hex. */
  public static String sha256(Path file) {
    MessageDigest digest = Body.sha256Digest();
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      while (in.read(buffer) >= 0) {
        // the stream does the work
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A hash in lower-case hex. */
  public static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bytes of all staged files. */
  public long spoolBytes() {
    return spool().stream().mapToLong(Folder::sizeOf).sum();
  }

  /** Fails when a blob's bytes do not hash to its name. */
  public void checkBlobs() {
    for (Path blob : blobs()) {
      String name = blob.getFileName().toString();
      if (!name.equals(sha256(blob)) || !blob.endsWith(name.substring(0, 2) + "/" + name)) {
        throw new AssertionError("blob does not hash to its name: " + blob);
      }
    }
  }

  /** Writes a file into the folder. */
  public Path write(String name, String text) {
    try {
      return Files.writeString(root.resolve(name), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes the folder and everything in it. */
  public void delete() {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is removed while it is looked at is left out. */
  private static List<Path> files(Path under) {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          under,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              found.add(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }

  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
