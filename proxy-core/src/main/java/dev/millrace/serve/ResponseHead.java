package dev.millrace.serve;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status and fields of one response, before a protocol encodes them. Framing and connection fields
 * are the protocol's own and never stand here.
 *
 * <p>Threading: confined to the client's event loop.
 */
public final class ResponseHead {
  private static final int FIELDS_EXPECTED = 24;

  private final int status;
  private final List<String> namesAndValues = new ArrayList<>(FIELDS_EXPECTED);
  private Length length = new Length.None();

  /** What is known of the body's length. */
  public sealed interface Length {
    /** There is no body and its length is not declared. */
    record None() implements Length {}

    /**
     * So many bytes; for an answer to HEAD, what GET would send.
     *
     * @param bytes the number
     */
    record Known(long bytes) implements Length {}

    /** Not known beforehand, but its end will be certain. */
    record Unknown() implements Length {}

    /** Not known, and its end is as uncertain as the upstream's was: delimited by close. */
    record Uncertain() implements Length {}
  }

  /** A head of that status without fields and without a body. */
  public ResponseHead(int status) {
    this.status = status;
  }

  /** The status code. */
  public int status() {
    return status;
  }

  /** What is known of the body's length. */
  public Length length() {
    return length;
  }

  /** Declares the body. */
  public ResponseHead length(Length declared) {
    length = declared;
    return this;
  }

  /** Declares a body of that many bytes. */
  public ResponseHead length(long bytes) {
    return length(new Length.Known(bytes));
  }

  /**
   * Adds a field; null adds none. A value with a control byte adds none either: it came from an
   * upstream, and would split the response.
   */
  public ResponseHead field(String name, @Nullable String value) {
    if (value != null && isFieldValue(value)) {
      namesAndValues.add(name);
      namesAndValues.add(value);
    }
    return this;
  }

  /** Number of fields. */
  public int fieldCount() {
    return namesAndValues.size() / 2;
  }

  /** The name of the field at that index. */
  public String name(int index) {
    return namesAndValues.get(2 * index);
  }

  /** The value of the field at that index. */
  public String value(int index) {
    return namesAndValues.get(2 * index + 1);
  }

  private static boolean isFieldValue(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }
}
