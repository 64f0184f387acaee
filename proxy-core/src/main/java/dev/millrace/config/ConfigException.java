package dev.millrace.config;

import java.util.List;

/**
 * Settings that cannot be used, with every problem that was found.
 *
 * <p>Each problem is one line: the place ({@code FILE:LINE}, an environment variable or an option
 * of the command line), the key, and what is wrong. No problem shows a password.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // List.copyOf makes a serializable list.
  private final List<String> problems;

  ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line for each problem, in the order of the file; never empty. */
  public List<String> problems() {
    return problems;
  }
}
