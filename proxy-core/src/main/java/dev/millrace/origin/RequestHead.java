package dev.millrace.origin;

import dev.millrace.fill.FetchRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request: nothing of the client's is in it, and nothing that could end a line early.
 *
 * <p>The path is appended raw, since what the upstream keeps apart ({@code a%2fb} and {@code a/b})
 * must stay apart (RFC 3986 §6.2.2 is not applied).
 */
final class RequestHead {
  /**
   * What goes with a request besides its target.
   *
   * @param userAgent value of {@code User-Agent}
   * @param authorization value of {@code Authorization}, null for another origin than the remote's
   *     own
   * @param proxyAuthorization value of {@code Proxy-Authorization}, null without
   * @param absolute the absolute form, for an outbound proxy
   */
  record Extras(
      String userAgent,
      @Nullable String authorization,
      @Nullable String proxyAuthorization,
      boolean absolute) {
    /** Never shows the credentials. */
    @Override
    public String toString() {
      return "extras" + (absolute ? " in absolute form" : "");
    }
  }

  private RequestHead() {}

  /**
   * The head as one buffer. Ownership: the caller's. Errors: {@link IllegalArgumentException}
   * without the offending value, when a part holds what it must not.
   */
  static ByteBuf encode(
      ByteBufAllocator allocator, FetchRequest request, Target target, Extras extras) {
    checkTarget(target.pathAndQuery());
    StringBuilder head = new StringBuilder(256 + target.pathAndQuery().length());
    head.append(request.headOnly() ? "HEAD " : "GET ");
    if (extras.absolute()) {
      head.append(target.origin().url());
    }
    head.append(target.pathAndQuery()).append(" HTTP/1.1\r\n");
    field(head, "Host", target.origin().authority());
    if (request.accept().isEmpty()) {
      field(head, "Accept", "*/*");
    }
    for (String line : request.accept()) {
      field(head, "Accept", line);
    }
    field(head, "Accept-Encoding", "identity");
    field(head, "User-Agent", extras.userAgent());
    field(head, "Authorization", extras.authorization());
    field(head, "Proxy-Authorization", extras.proxyAuthorization());
    field(head, "If-None-Match", request.ifNoneMatch());
    field(head, "If-Modified-Since", request.ifModifiedSince());
    FetchRequest.Part part = request.part();
    if (part != null) {
      field(head, "Range", part.range());
      field(head, "If-Range", part.ifRange());
    }
    head.append("\r\n");
    ByteBuf buffer = allocator.directBuffer(head.length());
    for (int i = 0; i < head.length(); i++) {
      buffer.writeByte(head.charAt(i));
    }
    return buffer;
  }

  private static void field(StringBuilder head, String name, @Nullable String value) {
    if (value == null) {
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      // Entity tags may hold bytes above ASCII (RFC 9110 §8.8.3); Netty decoded them one to one.
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        throw new IllegalArgumentException("a control or wide character in " + name);
      }
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static void checkTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw new IllegalArgumentException("a space, control or wide character in a target");
      }
    }
    if (!target.startsWith("/")) {
      throw new IllegalArgumentException("a target without a leading slash");
    }
  }
}
