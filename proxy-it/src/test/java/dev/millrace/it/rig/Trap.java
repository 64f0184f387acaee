package dev.millrace.it.rig;

import java.nio.charset.StandardCharsets;

/**
 * One row of a table of hostile or odd input: its id, what it is, and the exact bytes.
 *
 * <p>In the text {@code {T}} stands for the target of the row's own path, {@code {H}} for the
 * product's host and port. One char is one byte.
 *
 * <p>Threading: immutable.
 */
public record Trap(String id, String what, String text) {

  /** The bytes for a target on a port. */
  public byte[] bytes(String target, int port) {
    return text.replace("{T}", target)
        .replace("{H}", "127.0.0.1:" + port)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The same row with each occurrence of a mark replaced. */
  public Trap replacing(String mark, String replacement) {
    return new Trap(id, what, text.replace(mark, replacement));
  }

  @Override
  public String toString() {
    return id + " " + what;
  }
}
