package dev.millrace.origin;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How requests and answers are said in one protocol. */
enum Wording {
  /** Messages of HTTP/1.1. */
  HTTP_1 {
    @Override
    @Nullable String target(Object message) {
      return message instanceof HttpRequest request ? request.uri() : null;
    }

    @Override
    Object head(long bytes) {
      HttpHeaders fields = new DefaultHttpHeaders();
      FIELDS.forEach(fields::set);
      fields.set(LENGTH, bytes);
      return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, fields);
    }

    @Override
    Object piece(ByteBuf piece, boolean last) {
      return last ? new DefaultLastHttpContent(piece) : new DefaultHttpContent(piece);
    }
  },
  /** Frames of HTTP/2. */
  HTTP_2 {
    @Override
    @Nullable String target(Object message) {
      return message instanceof Http2HeadersFrame request
          ? request.headers().path().toString()
          : null;
    }

    @Override
    Object head(long bytes) {
      Http2Headers fields = new DefaultHttp2Headers();
      fields.status(HttpResponseStatus.OK.codeAsText());
      FIELDS.forEach(fields::set);
      fields.setLong(LENGTH, bytes);
      return new DefaultHttp2HeadersFrame(fields, false);
    }

    @Override
    Object piece(ByteBuf piece, boolean last) {
      return new DefaultHttp2DataFrame(piece, last);
    }
  };

  private static final String LENGTH = "content-length";
  private static final Map<String, String> FIELDS =
      Map.of(
          "content-type", "application/octet-stream",
          "etag", "\"67a3c1f5-1000\"",
          "last-modified", "Wed, 05 Feb 2025 20:01:25 GMT",
          "cache-control", "public, max-age=31536000",
          "accept-ranges", "bytes");

  /** What is asked for; null when the message is no request. */
  abstract @Nullable String target(Object message);

  /** Begins an answer of that length. */
  abstract Object head(long bytes);

  /** Goes on with it. Ownership: takes the piece. */
  abstract Object piece(ByteBuf piece, boolean last);
}
