package dev.millrace.bench.rig;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * The child's end of {@link ChildJvm}: answers each line of the parent by a line.
 *
 * <p>Threading: for the child's main thread.
 */
public final class ParentPipe {
  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

  /** Says one line unasked. */
  public void say(String line) {
    out.print(line);
    out.print('\n');
    out.flush();
  }

  /** Answers until the parent is gone. */
  public void serve(UnaryOperator<String> answers) throws IOException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        say(answers.apply(line));
      }
    }
  }
}
