package dev.millrace.store;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;

/**
 * A small body in direct memory, whole or on its way to be: its readers and its commit share it.
 *
 * <p>Threading: thread-safe once its bytes are complete; until then for the one thread that writes
 * them.
 *
 * <p>Ownership: the maker holds the first reference, each holder one of its own; with the last one
 * the memory goes, and {@code onFreed} runs.
 */
public final class SmallBody extends AbstractReferenceCounted {
  private final ByteBuf bytes;
  private final Runnable onFreed;

  /** Takes over the buffer. */
  public SmallBody(ByteBuf bytes, Runnable onFreed) {
    this.bytes = bytes;
    this.onFreed = onFreed;
  }

  /** The bytes so far. Ownership: not retained for the caller, who moves no index of it. */
  public ByteBuf bytes() {
    return bytes;
  }

  @Override
  protected void deallocate() {
    bytes.release();
    onFreed.run();
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    bytes.touch(hint);
    return this;
  }
}
