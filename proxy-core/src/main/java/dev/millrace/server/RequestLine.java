package dev.millrace.server;

import dev.millrace.observe.Refusal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a request, read in the one form that RFC 9112 §3 demands of senders: token, one
 * space, target, one space, version.
 *
 * @param method the method
 * @param target the target as sent
 * @param minor the minor version of HTTP/1
 */
record RequestLine(String method, String target, int minor) {
  static final int METHOD_MAX = 32;
  private static final String VERSION = "HTTP/";

  /**
   * Reads the line in {@code bytes[0..end)}, without its CRLF; what is wrong goes to {@code
   * problem}.
   */
  static @Nullable RequestLine parse(byte[] bytes, int end, int targetMax, Problem problem) {
    int methodEnd = 0;
    while (methodEnd < end && FieldSyntax.isMethod(bytes[methodEnd])) {
      methodEnd++;
    }
    if (methodEnd == 0 || methodEnd > METHOD_MAX || methodEnd >= end || bytes[methodEnd] != ' ') {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    int targetStart = methodEnd + 1;
    int targetEnd = targetStart;
    while (targetEnd < end && FieldSyntax.isTarget(bytes[targetEnd])) {
      targetEnd++;
    }
    if (targetEnd - targetStart > targetMax) {
      return refused(problem, Refusal.TARGET_TOO_LONG);
    }
    if (targetEnd == targetStart || targetEnd >= end || bytes[targetEnd] != ' ') {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    String version =
        new String(bytes, targetEnd + 1, end - targetEnd - 1, StandardCharsets.ISO_8859_1);
    if (!isVersion(version)) {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    if (version.charAt(5) != '1' || version.charAt(7) > '1') {
      return refused(problem, Refusal.VERSION);
    }
    return new RequestLine(
        new String(bytes, 0, methodEnd, StandardCharsets.ISO_8859_1),
        new String(bytes, targetStart, targetEnd - targetStart, StandardCharsets.ISO_8859_1),
        version.charAt(7) - '0');
  }

  private static @Nullable RequestLine refused(Problem problem, Refusal refusal) {
    problem.note(refusal);
    return null;
  }

  /** {@code HTTP/}, digit, dot, digit; nothing else (RFC 9112 §2.3). */
  private static boolean isVersion(String text) {
    return text.length() == 8
        && text.startsWith(VERSION)
        && Character.digit(text.charAt(5), 10) >= 0
        && text.charAt(6) == '.'
        && Character.digit(text.charAt(7), 10) >= 0;
  }
}
