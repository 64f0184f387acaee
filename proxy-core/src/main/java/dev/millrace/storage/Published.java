package dev.millrace.storage;

/** What {@link Storage#publish} did with a staged file. */
public enum Published {
  /** The staged file now bears the blob's name. */
  NAMED,
  /** A blob of that name and size was there and stays; the staged file is still without a name. */
  KEPT
}
