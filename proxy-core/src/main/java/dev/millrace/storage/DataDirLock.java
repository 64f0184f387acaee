package dev.millrace.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to use a data folder.
 *
 * <p>A lock of the operating system on {@code millrace.lock}: it goes with the process, so a crash
 * leaves nothing to clean up. The file itself stays, empty.
 *
 * <p>Threading: taken and closed by whoever starts and stops the process. Ownership: holds the lock
 * file open until {@link #close}.
 */
public final class DataDirLock implements Closeable {
  private static final String FILE_NAME = "millrace.lock";

  private final FileChannel channel;

  private DataDirLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock, making the folder where it is missing.
   *
   * <p>Errors: {@link DataDirBusyException} when another process, or another part of this one, has
   * it.
   */
  public static DataDirLock acquire(Path dataDir) throws IOException {
    Files.createDirectories(dataDir);
    FileChannel channel =
        FileChannel.open(
            dataDir.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new DataDirBusyException(dataDir);
      }
      return new DataDirLock(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same answer as from another one.
      return null;
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
