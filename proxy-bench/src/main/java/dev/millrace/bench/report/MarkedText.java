package dev.millrace.bench.report;

/** Text with places that the tool writes: between {@code <!-- bench:NAME -->} and its end. */
public final class MarkedText {
  private MarkedText() {}

  /** Whether there is such a place. */
  public static boolean has(String text, String name) {
    return text.contains(begin(name)) && text.contains(end(name));
  }

  /** The text with other content in that place. Errors: unchecked when there is none. */
  public static String replace(String text, String name, String content) {
    if (!has(text, name)) {
      throw new IllegalArgumentException("no place for " + name);
    }
    int from = text.indexOf(begin(name)) + begin(name).length();
    return text.substring(0, from)
        + "\n"
        + content.strip()
        + "\n"
        + text.substring(text.indexOf(end(name)));
  }

  private static String begin(String name) {
    return "<!-- bench:" + name + " -->";
  }

  private static String end(String name) {
    return "<!-- /bench:" + name + " -->";
  }
}
