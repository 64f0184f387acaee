package dev.millrace.config;

/**
 * A value that its key cannot take; the message completes {@code key:} and never shows a secret.
 */
final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String what;

  BadValueException(String what) {
    super(what);
    this.what = what;
  }

  /** What is wrong with the value. */
  String what() {
    return what;
  }
}
