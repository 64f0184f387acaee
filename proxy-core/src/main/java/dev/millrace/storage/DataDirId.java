package dev.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/**
 * What a data folder is known by outside of itself: a line in {@code catalog.id}, made once.
 *
 * <p>Threading: for the thread that starts the process, which holds the {@link DataDirLock}.
 */
public final class DataDirId {
  private static final String FILE_NAME = "catalog.id";
  private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");

  private DataDirId() {}

  /**
   * The folder's id; one that has none takes the proposed one, which is durable when this returns.
   *
   * <p>Errors: {@link IOException} when the file cannot be read or written, or holds no id.
   */
  public static String of(Path dataDir, String proposed) throws IOException {
    Path file = dataDir.resolve(FILE_NAME);
    try {
      String id = Files.readString(file, StandardCharsets.US_ASCII).strip();
      if (!ID.matcher(id).matches()) {
        throw new IOException(file + " holds no id of a data folder");
      }
      return id;
    } catch (NoSuchFileException e) {
      // Its first start with a catalog outside of it.
      write(dataDir, file, proposed);
      return proposed;
    }
  }

  private static void write(Path dataDir, Path file, String id) throws IOException {
    Path beside = dataDir.resolve(FILE_NAME + ".new");
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer text = ByteBuffer.wrap((id + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    FileStorage.syncDirectory(dataDir);
  }
}
