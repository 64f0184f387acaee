package dev.millrace.bench.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Says how far a command is: on a terminal a bar with the time left under the last line, else plain
 * lines.
 *
 * <p>Threading: for the main thread.
 */
final class Progress {
  private static final int WIDTH = 30;

  private final PrintWriter out;
  private final boolean terminal;
  private final long begunNanos = System.nanoTime();
  private int expected;
  private int steps;

  @SuppressWarnings("SystemConsoleNull") // it is null on JDK 25 where the input is no terminal
  Progress(PrintWriter out) {
    this.out = out;
    Console console = System.console();
    this.terminal = console != null && console.isTerminal();
  }

  /** That many steps are to come. */
  void expect(int more) {
    expected += more;
    show();
  }

  /** One of them is done. */
  void done(String line) {
    steps++;
    out.println((terminal ? "\r\033[K" : "") + line);
    show();
    out.flush();
  }

  private void show() {
    if (terminal && steps < expected) {
      out.print(
          "\r\033[K" + bar(steps, expected, Duration.ofNanos(System.nanoTime() - begunNanos)));
      out.flush();
    }
  }

  /** Such as {@code [===== ] 3/6, 2 min 10 s left}. */
  static String bar(int steps, int expected, Duration passed) {
    int full = WIDTH * steps / Math.max(1, expected);
    String left =
        steps == 0 ? "" : ", " + text(passed.multipliedBy(expected - steps).dividedBy(steps));
    return "[" + "=".repeat(full) + " ".repeat(WIDTH - full) + "] " + steps + "/" + expected + left;
  }

  private static String text(Duration left) {
    long seconds = left.toSeconds();
    return seconds < 60 ? seconds + " s left" : seconds / 60 + " min " + seconds % 60 + " s left";
  }
}
