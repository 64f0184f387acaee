package dev.millrace.it.rig;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One answer with its body in memory.
 *
 * <p>Threading: immutable by use; the body is not to be changed.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by the tests' own assertions, never by equals
public record Answer(Head head, byte[] body, End end) {

  /** The status code, -1 when there was no valid status line. */
  public int status() {
    return head.status();
  }

  /** Whether the body came to its end in order. */
  public boolean whole() {
    return end == End.WHOLE;
  }

  /** The index of the first byte that differs from what was expected, -1 when none does. */
  public int mismatch(byte[] expected) {
    return Arrays.mismatch(body, expected);
  }

  /** The body read as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.ISO_8859_1);
    return head.statusLine()
        + " "
        + head.fields()
        + " ["
        + body.length
        + " bytes, "
        + end
        + "] "
        + text;
  }
}
