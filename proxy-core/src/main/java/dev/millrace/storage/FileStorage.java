package dev.millrace.storage;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bodies as files of the local data folder.
 *
 * <pre>
 * DATA/spool/&lt;number&gt;.part                        staged: any length, no promise
 * DATA/spool/&lt;number&gt;.note                        of what it is: a boot of the machine, then the note
 * DATA/blobs/sha256/&lt;2 hex&gt;/&lt;64 hex&gt;           published: whole and hashes to its name
 * </pre>
 *
 * <p>Both lie on one file system, so that publishing is one atomic rename. The folder of a shard is
 * made for its first blob and made durable with it. {@code docs/ON_DISK.md} has an example.
 *
 * <p>Threading: thread-safe; calls about one digest's name ({@link #publish}, {@link #delete}) are
 * left to one thread by the caller. No thread inside a call may be interrupted, see {@link
 * OpenFile}.
 *
 * <p>Ownership: the caller holds the {@link DataDirLock} of the folder for as long as this lives.
 */
public final class FileStorage implements Storage {
  private static final Logger LOG = LoggerFactory.getLogger(FileStorage.class);
  private static final String STAGED_SUFFIX = ".part";
  private static final String NOTE_SUFFIX = ".note";
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String UNKNOWN_BOOT = "-";
  private static final int NOTE_BYTES_MAX = 16 << 10;
  private static final HexFormat HEX = HexFormat.of();
  private static final Pattern NUMBERED = Pattern.compile("(\\d{1,18})\\..*");

  private final Path spool;
  private final Path blobs;
  private final FileStore volume;
  private final Executor closer;
  private final AtomicInteger openFiles = new AtomicInteger();
  private final AtomicLong stagedCount;
  private final String boot;
  private volatile boolean shardsSynced = true;

  private FileStorage(Path spool, Path blobs, FileStore volume, Executor closer, long lastStaged) {
    this.stagedCount = new AtomicLong(lastStaged);
    this.boot = boot();
    this.spool = spool;
    this.blobs = blobs;
    this.volume = volume;
    this.closer = closer;
  }

  /**
   * The storage in that data folder; missing folders are made and made durable.
   *
   * <p>Errors: {@link IOException} when a folder cannot be made, or when spool and blobs lie on
   * different file systems.
   *
   * @param closer where files are closed, so that an event loop that gives back a last lease does
   *     not
   */
  public static FileStorage at(Path dataDir, Executor closer) throws IOException {
    Path spool = dataDir.resolve("spool");
    Path blobs = dataDir.resolve("blobs").resolve("sha256");
    Files.createDirectories(spool);
    Files.createDirectories(blobs);
    FileStore volume = Files.getFileStore(spool);
    if (!volume.equals(Files.getFileStore(blobs))) {
      throw new IOException(
          "spool and blobs in " + dataDir + " lie on different file systems: no atomic rename");
    }
    syncDirectory(blobs);
    syncDirectory(dataDir.resolve("blobs"));
    syncDirectory(dataDir);
    return new FileStorage(spool, blobs, volume, closer, lastStaged(spool));
  }

  @Override
  public StagedFile stage() throws IOException {
    Path path = spool.resolve(stagedCount.incrementAndGet() + STAGED_SUFFIX);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SpoolFile(path, opened(channel));
  }

  @Override
  public List<KeptFile> listKept() throws IOException {
    List<KeptFile> kept = new ArrayList<>();
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(spool, "*" + NOTE_SUFFIX)) {
      for (Path note : notes) {
        String name = nameOf(note);
        Path body = spool.resolve(name + STAGED_SUFFIX);
        try {
          if (Files.isRegularFile(body, LinkOption.NOFOLLOW_LINKS)
              && Files.size(note) <= NOTE_BYTES_MAX) {
            kept.add(keptFile(name, body, note));
          }
        } catch (IOException e) {
          LOG.warn("a kept file is given up: {}", e.toString());
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return kept;
  }

  private KeptFile keptFile(String name, Path body, Path note) throws IOException {
    String text = new String(Files.readAllBytes(note), StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    String writtenIn = end < 0 ? "" : text.substring(0, end);
    BasicFileAttributes found = attributes(body);
    return new KeptFile(
        name,
        found.size(),
        found.lastModifiedTime().toMillis(),
        writtenIn.equals(boot) && !boot.equals(UNKNOWN_BOOT),
        text.substring(end + 1));
  }

  @Override
  public StagedFile reopen(KeptFile kept) throws IOException {
    Path path = spool.resolve(kept.name() + STAGED_SUFFIX);
    SpoolFile file =
        new SpoolFile(
            path,
            opened(
                FileChannel.open(
                    path,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS)));
    file.note = kept.note();
    file.sure = kept.isSure();
    return file;
  }

  @Override
  public void drop(KeptFile kept) throws IOException {
    // The note first: a file without one is swept, whatever happens in between.
    Files.deleteIfExists(spool.resolve(kept.name() + NOTE_SUFFIX));
    Files.deleteIfExists(spool.resolve(kept.name() + STAGED_SUFFIX));
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** The largest number in use, so that what is kept keeps its own. */
  private static long lastStaged(Path spool) throws IOException {
    long last = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(spool)) {
      for (Path entry : entries) {
        Matcher name = NUMBERED.matcher(entry.getFileName().toString());
        if (name.matches()) {
          last = Math.max(last, Long.parseLong(name.group(1)));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return last;
  }

  /** Changes when the machine is restarted, and with it what was not synced may be gone. */
  private static String boot() {
    try {
      return Files.readString(BOOT, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      LOG.debug("this system names no boot; after a restart only proven bodies are resumed", e);
      return UNKNOWN_BOOT;
    }
  }

  @Override
  public Published publish(StagedFile staged, Digest digest) throws IOException {
    SpoolFile file = (SpoolFile) staged;
    Path name = pathOf(digest);
    OptionalLong held = sizeBytes(digest);
    if (held.isPresent()) {
      if (held.getAsLong() == file.file().channel().size()) {
        return Published.KEPT;
      }
      removeWhatever(name, held.getAsLong());
    }
    rename(file.path, name, digest);
    file.named = true;
    return Published.NAMED;
  }

  private void rename(Path from, Path name, Digest digest) throws IOException {
    try {
      Files.move(from, name, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // The first blob of its shard, or somebody took the folder away.
      shardsSynced = false;
      Files.createDirectories(blobs.resolve(shardName(digest)));
      Files.move(from, name, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  @Override
  public void syncPublished(Collection<Digest> digests) throws IOException {
    if (!shardsSynced) {
      syncDirectory(blobs);
      shardsSynced = true;
    }
    Set<Path> directories = new LinkedHashSet<>();
    for (Digest digest : digests) {
      directories.add(blobs.resolve(shardName(digest)));
    }
    for (Path directory : directories) {
      syncDirectory(directory);
    }
  }

  @Override
  public OpenFile open(Digest digest) throws IOException {
    Path path = pathOf(digest);
    // Asked first: opening a directory for reading succeeds, and the first read fails only later.
    if (!attributes(path).isRegularFile()) {
      throw new NoSuchFileException(path.toString(), null, "not a regular file");
    }
    return opened(FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public OptionalLong sizeBytes(Digest digest) throws IOException {
    Path path = pathOf(digest);
    // Absence is the usual answer, and an exception for each new blob is dear.
    BasicFileAttributes found =
        path.getFileSystem()
            .provider()
            .readAttributesIfExists(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return found == null ? OptionalLong.empty() : OptionalLong.of(sizeOf(found));
  }

  @Override
  public void delete(Digest digest) throws IOException {
    OptionalLong held = sizeBytes(digest);
    if (held.isPresent()) {
      removeWhatever(pathOf(digest), held.getAsLong());
    }
  }

  @Override
  public int list(int shard, Consumer<PublishedBlob> visitor) throws IOException {
    String shardName = shardName(shard);
    int unknown = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(blobs.resolve(shardName))) {
      for (Path entry : entries) {
        if (isBlobName(entry.getFileName().toString(), shardName)) {
          visit(entry, visitor);
        } else {
          unknown++;
        }
      }
    } catch (NoSuchFileException e) {
      // No blob of this shard has been stored yet.
      return 0;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return unknown;
  }

  @Override
  public int sweepStaged(Collection<KeptFile> but) throws IOException {
    Set<String> kept = new HashSet<>();
    but.forEach(file -> kept.add(file.name()));
    int swept = 0;
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(spool, "*{" + STAGED_SUFFIX + "," + NOTE_SUFFIX + "}")) {
      for (Path entry : entries) {
        boolean staged = entry.toString().endsWith(STAGED_SUFFIX);
        if (!kept.contains(nameOf(entry)) && Files.deleteIfExists(entry) && staged) {
          swept++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return swept;
  }

  @Override
  public long usableBytes() throws IOException {
    return volume.getUsableSpace();
  }

  /** Files open at this moment, staged and published. */
  public int openFiles() {
    return openFiles.get();
  }

  /** Does nothing: open files belong to their holders. */
  @Override
  public void close() {}

  private OpenFile opened(FileChannel channel) {
    openFiles.incrementAndGet();
    return new OpenFile(channel, closer, openFiles::decrementAndGet);
  }

  private Path pathOf(Digest digest) {
    return blobs.resolve(shardName(digest)).resolve(digest.hex());
  }

  private static String shardName(Digest digest) {
    return digest.hex().substring(0, 2);
  }

  private static String shardName(int shard) {
    return HEX.toHexDigits((byte) shard);
  }

  private static boolean isBlobName(String name, String shardName) {
    return name.length() == 64
        && name.startsWith(shardName)
        && name.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  private static void visit(Path entry, Consumer<PublishedBlob> visitor) throws IOException {
    BasicFileAttributes found;
    try {
      found = attributes(entry);
    } catch (NoSuchFileException e) {
      // Evicted since the folder was read.
      return;
    }
    Digest digest = Digest.sha256(entry.getFileName().toString());
    visitor.accept(new PublishedBlob(digest, sizeOf(found), found.lastModifiedTime().toMillis()));
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static long sizeOf(BasicFileAttributes found) {
    return found.isRegularFile() ? found.size() : NOT_A_FILE;
  }

  /** Unlinks a file, or a folder with all that is in it: nothing but damage puts a folder there. */
  private static void removeWhatever(Path path, long size) throws IOException {
    if (size == NOT_A_FILE && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          removeWhatever(entry, sizeOf(attributes(entry)));
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    Files.deleteIfExists(path);
  }

  /** Makes the names in a folder durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * A staged file in the spool; {@code named} is read and written by the committing thread only.
   */
  private final class SpoolFile implements StagedFile {
    private final Path path;
    private final OpenFile file;
    private final AtomicInteger ended = new AtomicInteger();
    private volatile boolean named;
    private volatile @Nullable String note;
    private volatile boolean sure = true;

    SpoolFile(Path path, OpenFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public OpenFile file() {
      return file;
    }

    @Override
    public void sync() throws IOException {
      file.channel().force(false);
    }

    @Override
    public void describe(String text) throws IOException {
      if (text.length() > NOTE_BYTES_MAX / 4) {
        throw new IOException("a note of " + text.length() + " characters");
      }
      // Known before it is written: whatever is there of it goes with the file.
      note = text;
      Files.writeString(notePath(), boot + "\n" + text);
    }

    @Override
    public void forget() throws IOException {
      Files.deleteIfExists(notePath());
      note = null;
    }

    private Path notePath() {
      return path.resolveSibling(nameOf(path) + NOTE_SUFFIX);
    }

    @Override
    public KeptFile keep() throws IOException {
      String text = note;
      if (text == null) {
        throw new IllegalStateException("nothing says of what it is");
      }
      long size = file.channel().size();
      BasicFileAttributes found = attributes(path);
      if (ended.getAndIncrement() == 0) {
        file.release();
      }
      return new KeptFile(nameOf(path), size, found.lastModifiedTime().toMillis(), sure, text);
    }

    @Override
    public void discard() {
      if (ended.getAndIncrement() != 0) {
        return;
      }
      try {
        if (note != null) {
          Files.deleteIfExists(notePath());
        }
      } catch (IOException e) {
        LOG.warn("a note stays until the next start: {}", e.toString());
      }
      if (!named) {
        try {
          Files.deleteIfExists(path);
        } catch (IOException e) {
          LOG.warn("staged file stays until the next start: {}", e.toString());
        }
      }
      file.release();
    }
  }
}
