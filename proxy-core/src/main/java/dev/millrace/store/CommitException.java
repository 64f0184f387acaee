package dev.millrace.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A commit that did not happen. */
public final class CommitException extends IOException {
  private static final long serialVersionUID = 1L;

  private final CommitFailure reason;

  CommitException(CommitFailure reason, String detail, @Nullable Throwable cause) {
    super(reason + ": " + detail, cause);
    this.reason = reason;
  }

  /** The closed reason. */
  public CommitFailure reason() {
    return reason;
  }
}
