package dev.millrace.config;

/**
 * Where a value was given, for the messages.
 *
 * @param source the file as the operator named it, an environment variable or an option
 * @param line counted from 1; 0 where there are no lines
 */
record Place(String source, int line) {

  /** An environment variable or an option. */
  static Place of(String source) {
    return new Place(source, 0);
  }

  /** {@code FILE:LINE}, or the source alone. */
  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line;
  }
}
