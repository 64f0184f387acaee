package dev.millrace.store;

import java.io.IOException;

/** A body cannot be stored for want of space; it can still be relayed. */
public final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is full. */
  public enum Where {
    /** The quota: what runs already and this body together need more than all of it. */
    QUOTA,
    /** The volume, after an eviction. */
    VOLUME
  }

  private final Where where;

  NoSpaceException(Where where, long bytes) {
    super("no space for " + bytes + " bytes: " + where);
    this.where = where;
  }

  /** What is full. */
  public Where where() {
    return where;
  }
}
