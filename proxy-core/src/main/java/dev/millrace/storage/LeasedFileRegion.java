package dev.millrace.storage;

import io.netty.channel.DefaultFileRegion;

/**
 * A part of a shared open file, for {@code sendfile}.
 *
 * <p>A subclass of {@link DefaultFileRegion} because the native transports use the system call for
 * that class only; it gives its lease back where the superclass would close the channel under other
 * readers.
 *
 * <p>Ownership: takes over one lease, gives it back when it is released.
 */
final class LeasedFileRegion extends DefaultFileRegion {
  private final OpenFile file;

  /**
   * A region of {@code count} bytes at {@code position}; the caller has retained the file for it.
   */
  LeasedFileRegion(OpenFile file, long position, long count) {
    super(file.channel(), position, count);
    this.file = file;
  }

  @Override
  protected void deallocate() {
    file.release();
  }
}
