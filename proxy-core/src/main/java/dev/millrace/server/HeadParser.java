package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.observe.Refusal;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request head strictly: one meaning, or a refusal (RFC 9112 §2 to §6).
 *
 * <p>Our own and not Netty's, because what smuggles requests is what decoders forgive: folded
 * fields, odd white space, bare LF, several or listed {@code Host}, unknown versions. Netty's
 * decoder has forgotten those by the time a handler sees the message.
 *
 * <p>Threading: stateless.
 */
final class HeadParser {
  private final ServerLimits limits;

  HeadParser(ServerLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads a first line; it is {@code bytes[0..end)} without its CRLF. Null when it is refused: why
   * is in {@code problem}.
   */
  @Nullable RequestLine line(byte[] bytes, int end, Problem problem) {
    return RequestLine.parse(bytes, end, limits.requestTargetBytes(), problem);
  }

  /** Reads a whole head, {@code bytes[0..end)} with its empty line, whose first line is known. */
  DecodedHead parse(byte[] bytes, int end, RequestLine line) {
    Problem problem = new Problem();
    DecodedHead.Request request = parse(bytes, end, line, problem);
    return request == null ? new DecodedHead.Refused(problem.refusal()) : request;
  }

  private DecodedHead.@Nullable Request parse(
      byte[] bytes, int end, RequestLine line, Problem problem) {
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    int at = lineEnd(bytes, 0) + 2;
    for (int count = 0; bytes[at] != '\r'; count++) {
      if (count == limits.requestFields()) {
        return refused(problem, Refusal.HEAD_TOO_LARGE);
      }
      int lineEnd = lineEnd(bytes, at);
      if (!field(bytes, at, lineEnd, headers)) {
        return refused(problem, Refusal.BAD_REQUEST);
      }
      at = lineEnd + 2;
    }
    if (at + 2 != end) {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    return request(line, headers, problem);
  }

  private static DecodedHead.@Nullable Request request(
      RequestLine line, HttpHeaders headers, Problem problem) {
    boolean chunkable = line.minor() == 1;
    if (!HostField.isAcceptable(headers.getAll(HttpHeaderNames.HOST), chunkable)) {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    String target = originForm(line.target(), headers.get(HttpHeaderNames.HOST));
    BodyFraming framing = BodyFraming.of(headers, chunkable);
    if (target == null || framing == BodyFraming.INVALID) {
      return refused(problem, Refusal.BAD_REQUEST);
    }
    if (!isExpectationKnown(headers)) {
      return refused(problem, Refusal.EXPECTATION);
    }
    boolean keepAlive = chunkable && !hasToken(headers.getAll(HttpHeaderNames.CONNECTION), "close");
    return new DecodedHead.Request(
        line.method(), target, headers, keepAlive, chunkable, framing == BodyFraming.PRESENT);
  }

  /** Whether what the client expects is nothing, or what we may leave undone (RFC 9110 §10.1.1). */
  static boolean isExpectationKnown(HttpHeaders headers) {
    List<String> expectations = headers.getAll(HttpHeaderNames.EXPECT);
    return expectations.isEmpty()
        || (expectations.size() == 1
            && HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expectations.getFirst()));
  }

  /**
   * The target in origin form: as it is, or out of the absolute form of our own authority (RFC 9112
   * §3.2.2); null for anything else.
   */
  private static @Nullable String originForm(String target, @Nullable String host) {
    if (target.startsWith("/")) {
      return target;
    }
    if (host == null || !target.regionMatches(true, 0, "http://", 0, 7)) {
      return null;
    }
    int slash = target.indexOf('/', 7);
    String authority = slash < 0 ? target.substring(7) : target.substring(7, slash);
    if (!authority.equalsIgnoreCase(host.strip())) {
      return null;
    }
    return slash < 0 ? "/" : target.substring(slash);
  }

  private static boolean hasToken(List<String> lines, String token) {
    for (String line : lines) {
      for (String element : line.split(",", -1)) {
        if (element.strip().toLowerCase(Locale.ROOT).equals(token)) {
          return true;
        }
      }
    }
    return false;
  }

  private static DecodedHead.@Nullable Request refused(Problem problem, Refusal refusal) {
    problem.note(refusal);
    return null;
  }

  /** Adds the field of that line; false when it is not {@code token ":" OWS value OWS}. */
  private static boolean field(byte[] bytes, int start, int end, HttpHeaders headers) {
    int colon = start;
    while (colon < end && FieldSyntax.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == start || colon >= end || bytes[colon] != ':') {
      // Also where a fold begins: its first byte is white space.
      return false;
    }
    int from = colon + 1;
    int to = end;
    while (from < to && isBlank(bytes[from])) {
      from++;
    }
    while (to > from && isBlank(bytes[to - 1])) {
      to--;
    }
    for (int i = from; i < to; i++) {
      if (!FieldSyntax.isValue(bytes[i] & 0xff)) {
        return false;
      }
    }
    headers.add(
        new String(bytes, start, colon - start, StandardCharsets.ISO_8859_1),
        new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    return true;
  }

  /** The index of the CR of the line's CRLF; the decoder has seen that every line has one. */
  private static int lineEnd(byte[] bytes, int from) {
    int at = from;
    while (bytes[at] != '\r') {
      at++;
    }
    return at;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }
}
