package dev.millrace.it.rig;

/** Takes a body piece by piece. */
@FunctionalInterface
public interface Sink {
  /** Takes the first {@code length} bytes; false means that nothing more is wanted. */
  boolean accept(byte[] bytes, int length);
}
