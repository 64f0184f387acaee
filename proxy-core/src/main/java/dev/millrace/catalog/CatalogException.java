package dev.millrace.catalog;

/** The catalog could not carry out a call. */
public final class CatalogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is known of the call. */
  public enum Effect {
    /** Nothing was changed by it. */
    NONE,
    /** The same, and the database is out: the next calls fail as well, at once. */
    NONE_OUT,
    /**
     * The database went away while it committed: all of the transaction is there, or nothing. A
     * later call that asks for the size of a blob is answered behind that transaction.
     */
    IN_DOUBT
  }

  private final Effect effect;

  /** Wraps the database's own error with what was being done. */
  public CatalogException(String doing, Throwable cause) {
    this(doing, cause, Effect.NONE);
  }

  /** The same, where more is known. */
  CatalogException(String doing, Throwable cause, Effect effect) {
    super(doing + ": " + cause.getMessage(), cause);
    this.effect = effect;
  }

  /** Says in words what is wrong with the database. */
  public CatalogException(String message) {
    this(message, Effect.NONE);
  }

  /** The same, where more is known. */
  CatalogException(String message, Effect effect) {
    super(message);
    this.effect = effect;
  }

  /** What the call may have changed. */
  public Effect effect() {
    return effect;
  }

  /** Whether it is the database's outage, which was logged when it began. */
  public boolean isOutage() {
    return effect != Effect.NONE;
  }
}
