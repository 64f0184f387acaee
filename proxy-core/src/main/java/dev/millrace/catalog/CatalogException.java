package dev.millrace.catalog;

/** The catalog could not carry out a call; nothing was changed by it. */
public final class CatalogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Wraps the database's own error with what was being done. */
  public CatalogException(String doing, Throwable cause) {
    super(doing + ": " + cause.getMessage(), cause);
  }

  /** Says in words what is wrong with the database. */
  public CatalogException(String message) {
    super(message);
  }
}
