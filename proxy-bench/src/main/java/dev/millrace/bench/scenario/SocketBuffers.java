package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel holds for connections, as {@code ss} says it: {@code r}, what was received, and
 * {@code w}, what is queued to be sent ({@code t} counts only what is on its way just now).
 */
final class SocketBuffers {
  private static final Pattern MEMORY =
      Pattern.compile("skmem:\\(r(\\d+),rb\\d+,t\\d+,tb\\d+,f\\d+,w(\\d+)");

  private SocketBuffers() {}

  /** Bytes received and sent that wait in the server's sockets of that port; NaN without ss. */
  static double bytes(int port) {
    Optional<Path> ss = Programs.find("ss");
    if (ss.isEmpty()) {
      return Double.NaN;
    }
    List<String> command = List.of(ss.get().toString(), "-tmnH", "sport", "=", ":" + port);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      byte[] said = process.getInputStream().readAllBytes();
      return parse(new String(said, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double parse(String text) {
    double sum = 0;
    Matcher each = MEMORY.matcher(text);
    while (each.find()) {
      sum += Double.parseDouble(each.group(1)) + Double.parseDouble(each.group(2));
    }
    return sum;
  }
}
