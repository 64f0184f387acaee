package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.observe.Refusal;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one HTTP/2 request as strictly as {@link HeadParser} reads a head of HTTP/1.1
 * (RFC 9113 §8.2, §8.3): what would mean something else behind us, or to us, is refused.
 *
 * <p>Ours, because Netty's codec lets pass a path without a slash, a request without a method, and
 * control bytes in values.
 *
 * <p>Threading: confined to one request.
 */
final class Http2Head {
  /** Fields of a connection, which HTTP/2 has none of (RFC 9113 §8.2.2). */
  private static final Set<String> OF_A_CONNECTION =
      Set.of("connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade");

  private final ServerLimits limits;
  private final HttpHeaders fields =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
  private @Nullable String method;
  private @Nullable String path;
  private @Nullable String scheme;
  private @Nullable String authority;

  private Http2Head(ServerLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads them; {@code ends} says that nothing follows. A request has a body if a length says so:
   * of one that says nothing what follows tells, and that may be the end alone (RFC 9113 §8.1).
   */
  static DecodedHead read(Http2Headers headers, boolean ends, ServerLimits limits) {
    return new Http2Head(limits).read(headers, ends);
  }

  private DecodedHead read(Http2Headers headers, boolean ends) {
    if (headers.size() > limits.requestFields()) {
      return new DecodedHead.Refused(Refusal.HEAD_TOO_LARGE);
    }
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      if (!take(field.getKey().toString(), field.getValue().toString())) {
        return bad();
      }
    }
    String asked = path;
    if (asked != null && asked.length() > limits.requestTargetBytes()) {
      return new DecodedHead.Refused(Refusal.TARGET_TOO_LONG);
    }
    String name = method;
    if (name == null || asked == null || !isMethod(name) || !isPath(asked)) {
      return bad();
    }
    if (!("https".equals(scheme) || "http".equals(scheme)) || !isAddressed()) {
      return bad();
    }
    // A length that no body meets is as malformed as two of them (RFC 9113 §8.1.1).
    BodyFraming framing = BodyFraming.of(fields, true);
    if (framing == BodyFraming.INVALID || (framing == BodyFraming.PRESENT && ends)) {
      return bad();
    }
    if (!HeadParser.isExpectationKnown(fields)) {
      return new DecodedHead.Refused(Refusal.EXPECTATION);
    }
    boolean hasBody = framing == BodyFraming.PRESENT;
    return new DecodedHead.Request(name, asked, fields, true, true, hasBody);
  }

  private static DecodedHead bad() {
    return new DecodedHead.Refused(Refusal.BAD_REQUEST);
  }

  private boolean take(String name, String value) {
    if (!value.chars().allMatch(FieldSyntax::isValue) || !value.equals(value.strip())) {
      return false;
    }
    return name.startsWith(":") ? takePseudo(name, value) : takeField(name, value);
  }

  private boolean takePseudo(String name, String value) {
    String before;
    switch (name) {
      case ":method" -> {
        before = method;
        method = value;
      }
      case ":path" -> {
        before = path;
        path = value;
      }
      case ":scheme" -> {
        before = scheme;
        scheme = value;
      }
      case ":authority" -> {
        before = authority;
        authority = value;
      }
      default -> {
        return false;
      }
    }
    return before == null;
  }

  private boolean takeField(String name, String value) {
    boolean token =
        !name.isEmpty()
            && name.chars().allMatch(c -> FieldSyntax.isToken(c) && !FieldSyntax.isMethod(c));
    if (!token
        || OF_A_CONNECTION.contains(name)
        || (name.equals("te") && !value.equals("trailers"))) {
      return false;
    }
    fields.add(name, value);
    return true;
  }

  private static boolean isMethod(String name) {
    return !name.isEmpty()
        && name.length() <= RequestLine.METHOD_MAX
        && name.chars().allMatch(FieldSyntax::isMethod);
  }

  private static boolean isPath(String target) {
    return target.startsWith("/") && target.chars().allMatch(FieldSyntax::isTarget);
  }

  /** One host, whichever way it is said; one said both ways must be the same. */
  private boolean isAddressed() {
    List<String> hosts = fields.getAll(HttpHeaderNames.HOST);
    String named = authority;
    if (named != null) {
      if (!hosts.isEmpty() && !hosts.equals(List.of(named))) {
        return false;
      }
      fields.set(HttpHeaderNames.HOST, named);
    }
    return HostField.isAcceptable(fields.getAll(HttpHeaderNames.HOST), true);
  }
}
