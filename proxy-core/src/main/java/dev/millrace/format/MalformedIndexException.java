package dev.millrace.format;

import java.io.IOException;

/** What was to be an index of a package type is none. */
public final class MalformedIndexException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says what is wrong with it. */
  public MalformedIndexException(String what) {
    super(what);
  }

  /** Says what a parser found wrong. */
  public MalformedIndexException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
