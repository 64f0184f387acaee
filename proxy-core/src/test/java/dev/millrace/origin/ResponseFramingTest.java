package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchRequest;
import dev.millrace.observe.FetchFailure;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each sequence of raw upstream bytes, followed by the close, becomes (traps U01-U28). */
final class ResponseFramingTest {
  private static final String BYTES_BEHIND_204 = "204 with bytes";
  private static final String CLEAN = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclean";
  private static OriginFixture fixture = OriginFixture.open();

  @BeforeAll
  static void open() {
    fixture = OriginFixture.open();
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  private static Arguments row(String name, String bytes, String outcome) {
    return Arguments.of(name, bytes, outcome);
  }

  static Stream<Arguments> answers() {
    String ok = "HTTP/1.1 200 OK\r\n";
    return Stream.of(
        row("length", ok + "Content-Length: 5\r\n\r\nhello", "200 LENGTH_MET hello"),
        row("empty length", ok + "Content-Length: 0\r\n\r\n", "200 LENGTH_MET"),
        row(
            "chunks",
            ok + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
            "200 LAST_CHUNK hello!"),
        row(
            "trailers are dropped",
            ok + "Transfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n",
            "200 LAST_CHUNK hi"),
        row("close", ok + "\r\nhello", "200 CLOSED hello"),
        row("close of 1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "200 CLOSED hello"),
        row("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "200 LENGTH_MET hi"),
        row(
            "latin-1 in a reason",
            "HTTP/1.1 200 \u00e4\r\nContent-Length: 2\r\n\r\nhi",
            "200 LENGTH_MET hi"),
        row(
            "103 then 200",
            "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + CLEAN,
            "200 LENGTH_MET clean"),
        row("100 then 200", "HTTP/1.1 100 Continue\r\n\r\n" + CLEAN, "200 LENGTH_MET clean"),
        row("204", "HTTP/1.1 204 No Content\r\n\r\n", "204 NONE"),
        row("204 with a zero", "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", "204 NONE"),
        row("404", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "404 LENGTH_MET no"),
        row("500", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno", "500 LENGTH_MET no"),
        row(
            "302 without Location",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
            "302 LENGTH_MET"),
        row(
            "coded body stays coded",
            ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u001f\u008b\b",
            "200 LENGTH_MET \u001f\u008b\b"),
        row(
            "unsolicited response",
            ok + "Content-Length: 5\r\n\r\nhello" + CLEAN,
            "200 LENGTH_MET_UNSOLICITED hello"),
        row(
            "unsolicited response behind chunks",
            ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + CLEAN,
            "200 LAST_CHUNK hi"));
  }

  static Stream<Arguments> ends() {
    String ok = "HTTP/1.1 200 OK\r\n";
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        row("extra bytes", ok + "Content-Length: 5\r\n\r\nhelloEVIL", "EXTRA_BYTES"),
        row("extra byte behind nothing", ok + "Content-Length: 0\r\n\r\nX", "EXTRA_BYTES"),
        row("short body", ok + "Content-Length: 9\r\n\r\nhello", "200 CLOSED_EARLY"),
        row("no last chunk", chunked + "5\r\nhello\r\n", "200 CLOSED_EARLY"),
        row("cut in a chunk", chunked + "5\r\nhel", "200 CLOSED_EARLY"),
        row("cut in the trailers", chunked + "0\r\nX: y\r\n", "200 CLOSED_EARLY"),
        row("cut in the head", ok + "Content-Le", "CLOSED_EARLY"),
        row("nothing at all", "", "CLOSED_EARLY"));
  }

  static Stream<Arguments> lengths() {
    String ok = "HTTP/1.1 200 OK\r\n";
    return Stream.of(
        row(
            "both framings",
            ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "BAD_MESSAGE"),
        row(
            "both framings, the other way",
            ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "BAD_MESSAGE"),
        row(
            "two lengths",
            ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "BAD_MESSAGE"),
        row(
            "one length twice",
            ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "BAD_MESSAGE"),
        row("list of lengths", ok + "Content-Length: 5, 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("negative length", ok + "Content-Length: -1\r\n\r\nhello", "BAD_MESSAGE"),
        row("signed length", ok + "Content-Length: +5\r\n\r\nhello", "BAD_MESSAGE"),
        row("hexadecimal length", ok + "Content-Length: 0x5\r\n\r\nhello", "BAD_MESSAGE"),
        row("empty length", ok + "Content-Length:\r\n\r\nhello", "BAD_MESSAGE"),
        row(
            "length over 2^63",
            ok + "Content-Length: 9223372036854775808\r\n\r\nhello",
            "BAD_MESSAGE"),
        row("unknown coding", ok + "Transfer-Encoding: zip\r\n\r\nhello", "BAD_MESSAGE"),
        row("two codings", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "BAD_MESSAGE"),
        row(
            "chunked twice",
            ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "BAD_MESSAGE"),
        row("empty coding", ok + "Transfer-Encoding:\r\n\r\nhello", "BAD_MESSAGE"),
        row(
            "chunked in 1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "BAD_MESSAGE"));
  }

  static Stream<Arguments> lines() {
    String ok = "HTTP/1.1 200 OK\r\n";
    return Stream.of(
        row("no colon", ok + "Broken line\r\nContent-Length: 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("space before the colon", ok + "Content-Length : 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("no name", ok + ": 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("folded line", ok + "X: a\r\n b\r\nContent-Length: 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("bare CR in a value", ok + "X: a\rb\r\nContent-Length: 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("LF lines", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "BAD_MESSAGE"),
        row("one LF line", ok + "X: y\nContent-Length: 5\r\n\r\nhello", "BAD_MESSAGE"),
        row("LF at the end of the head", ok + "Content-Length: 5\r\n\nhello", "BAD_MESSAGE"),
        row("NUL in a value", ok + "X: a\u0000b\r\n\r\nhello", "BAD_MESSAGE"),
        row("DEL in a value", ok + "X: a\u007fb\r\n\r\nhello", "BAD_MESSAGE"),
        row("control byte in the reason", "HTTP/1.1 200 O\u0001K\r\n\r\nhello", "BAD_MESSAGE"),
        row("control byte in a name", ok + "X\u0001: a\r\n\r\nhello", "BAD_MESSAGE"));
  }

  static Stream<Arguments> statusLines() {
    return Stream.of(
        row("status 2000", "HTTP/1.1 2000 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("status 099", "HTTP/1.1 099 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("status 600", "HTTP/1.1 600 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("status 20", "HTTP/1.1 20 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("status abc", "HTTP/1.1 abc OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("http/1.1", "http/1.1 200 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("two spaces", "HTTP/1.1  200 OK\r\n\r\nhello", "BAD_MESSAGE"),
        row("CRLF in front", "\r\n" + CLEAN, "BAD_MESSAGE"),
        row("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "BAD_MESSAGE"),
        row("HTTP/0.9", "<html>hello</html>", "BAD_MESSAGE"));
  }

  static Stream<Arguments> strays() {
    return Stream.of(
        row("stray 101", "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", "BAD_MESSAGE"),
        row("stray 304", "HTTP/1.1 304 Not Modified\r\n\r\n", "BAD_MESSAGE"),
        row(
            "stray 206",
            "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\nhello",
            "BAD_MESSAGE"),
        row(
            "204 with a length",
            "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello",
            "BAD_MESSAGE"),
        row(BYTES_BEHIND_204, "HTTP/1.1 204 No\r\n\r\nhello", "BAD_MESSAGE"),
        row(
            "204 with chunks",
            "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "BAD_MESSAGE"));
  }

  static Stream<Arguments> chunks() {
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        row("chunk size too large", chunked + "fffffffffffffffff\r\nhello", "200 BAD_MESSAGE"),
        row("negative chunk size", chunked + "-5\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("chunk size 0x5", chunked + "0x5\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("space before a chunk size", chunked + " 5\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("space behind a chunk size", chunked + "5 \r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("empty chunk size", chunked + "\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("chunk overflow", chunked + "5\r\nhelloEVIL\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("LF chunks", chunked + "5\nhello\n0\n\n", "200 BAD_MESSAGE"),
        row("LF behind a chunk", chunked + "5\r\nhello\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("LF in an extension", chunked + "5;a=\nb\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row("CR in an extension", chunked + "5;a=\rb\r\nhello\r\n0\r\n\r\n", "200 BAD_MESSAGE"),
        row(
            "endless extension",
            chunked + "5;" + "a".repeat(9000) + "\r\nhello\r\n0\r\n\r\n",
            "200 BAD_MESSAGE"));
  }

  static Stream<Arguments> sizes() {
    String ok = "HTTP/1.1 200 OK\r\n";
    return Stream.of(
        row("large head", ok + "X: " + "a".repeat(70_000) + "\r\n\r\nhello", "HEAD_TOO_LARGE"),
        row("large line", "HTTP/1.1 200 " + "a".repeat(10_000) + "\r\n\r\nhello", "HEAD_TOO_LARGE"),
        row("257 fields", ok + "X: y\r\n".repeat(257) + "\r\nhello", "HEAD_TOO_LARGE"),
        row(
            "17 interim responses",
            "HTTP/1.1 103 Early\r\n\r\n".repeat(17) + CLEAN,
            "HEAD_TOO_LARGE"),
        row(
            "10,000 interim responses",
            "HTTP/1.1 103 Early\r\n\r\n".repeat(10_000),
            "HEAD_TOO_LARGE"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"answers", "ends", "lengths", "lines", "statusLines", "strays", "chunks", "sizes"})
  void rawBytes_inOneWrite_haveOneOutcome(String name, String bytes, String outcome)
      throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(ScriptedOrigin.answeringOnce(bytes), ScriptedOrigin.answering(CLEAN))) {
      var remote = new OriginFixture.Remote();
      remote.name = "framing-" + origin.port();
      var settings = remote.at(origin.url());

      assertThat(fixture.get(settings, "x").summary()).isEqualTo(outcome);
      // Whatever was said, the next asker is not told any of it.
      assertThat(fixture.get(settings, "x").summary()).isEqualTo("200 LENGTH_MET clean");
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"answers", "ends", "lengths", "lines", "statusLines", "strays", "chunks", "sizes"})
  void rawBytes_oneByOne_haveTheSameEnd(String name, String bytes, String outcome)
      throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(peer -> {
          peer.readHead();
          int step = Math.max(1, bytes.length() / 400);
          for (int i = 0; i < bytes.length(); i += step) {
            peer.send(bytes.substring(i, Math.min(bytes.length(), i + step)));
          }
        })) {
      var remote = new OriginFixture.Remote();
      remote.name = "bytes-" + origin.port();
      var result = fixture.get(remote.at(origin.url()), "x");

      // Bytes behind a length that come late are the pool's business, not this fetch's.
      if (outcome.contains("EXTRA") || outcome.contains("UNSOLICITED")) {
        assertThat(result.status()).isIn(0, 200);
      } else if (name.equals(BYTES_BEHIND_204)) {
        // Nothing in the head announces them, so when they come late the answer is over.
        assertThat(result.failure()).isIn(null, FetchFailure.BAD_MESSAGE);
      } else if (outcome.endsWith("_MESSAGE") || outcome.endsWith("_LARGE")) {
        assertThat(result.failure()).isNotNull();
        assertThat(outcome).endsWith(String.valueOf(result.failure()));
      } else {
        assertThat(result.summary()).isEqualTo(outcome);
      }
    }
  }

  @Test
  void head_hasNoBody_whateverItDeclares() throws Exception {
    String response = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX: y\r\n\r\n";
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(response))) {
      var settings = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < 2; i++) {
        var result = fixture.fetch(FetchRequest.get(settings, "x").head());
        assertThat(result.summary()).isEqualTo("200 NONE");
        assertThat(result.head()).extracting(FetchHead::contentLength).isEqualTo(500L);
      }
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads().getFirst()).startsWith("HEAD /x HTTP/1.1\r\n");
    }
  }

  @Test
  void conditional_isAnswered304_withoutBody() throws Exception {
    String response = "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: \"a\"\r\n\r\n";
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(response))) {
      var remote = new OriginFixture.Remote();
      remote.name = "conditional";
      var request =
          FetchRequest.get(remote.at(origin.url()), "x")
              .unless("\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT");
      assertThat(fixture.fetch(request).summary()).isEqualTo("304 NONE");
      assertThat(fixture.fetch(request).summary()).isEqualTo("304 NONE");
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads().getFirst())
          .contains("If-None-Match: \"a\"\r\n")
          .contains("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    }
  }

  @Test
  void reset_inTheBody_isNoEnd() throws IOException, InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(peer -> {
          peer.readHead();
          peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
          peer.reset();
        })) {
      var remote = new OriginFixture.Remote();
      remote.name = "reset";
      var result = fixture.get(remote.at(origin.url()), "x");
      assertThat(result.failure()).hasToString("RESET");
      assertThat(result.end()).isNull();
    }
  }
}
