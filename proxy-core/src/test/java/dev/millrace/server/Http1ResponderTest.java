package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.serve.ResponseHead;
import dev.millrace.serve.ResponseHead.Length;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Framing, ends and aborts of one response. */
final class Http1ResponderTest {
  private final AnswerWire wire = new AnswerWire();
  private final List<String> events = new ArrayList<>();

  @AfterEach
  void close() {
    wire.close();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(Wire.bytes(text));
  }

  private Runnable event(String name) {
    return () -> events.add(name);
  }

  private static Length length(String word) {
    return switch (word) {
      case "none" -> new Length.None();
      case "unknown" -> new Length.Unknown();
      case "uncertain" -> new Length.Uncertain();
      default -> new Length.Known(Long.parseLong(word));
    };
  }

  /** The fields that frame a response, by method, version, status and what is known. */
  @ParameterizedTest(name = "{0} {1} {2} {3}")
  @CsvSource({
    "GET, 1.1, 200, 5, Content-Length: 5",
    "GET, 1.1, 200, 0, Content-Length: 0",
    "GET, 1.1, 206, 9223372036854775807, Content-Length: 9223372036854775807",
    "GET, 1.1, 200, unknown, Transfer-Encoding: chunked",
    "GET, 1.1, 200, uncertain, Connection: close",
    "GET, 1.1, 404, none, Content-Length: 0",
    "GET, 1.1, 416, none, Content-Length: 0",
    "GET, 1.1, 204, none, ''",
    "GET, 1.1, 204, 0, ''",
    "GET, 1.1, 204, unknown, ''",
    "GET, 1.1, 204, uncertain, ''",
    "GET, 1.1, 304, none, ''",
    "GET, 1.1, 304, 5, Content-Length: 5",
    "GET, 1.0, 200, 5, Content-Length: 5|Connection: close",
    "GET, 1.0, 200, unknown, Connection: close",
    "GET, 1.0, 200, uncertain, Connection: close",
    "GET, 1.0, 304, none, Connection: close",
    "HEAD, 1.1, 200, 5, Content-Length: 5",
    "HEAD, 1.1, 200, none, ''",
    "HEAD, 1.1, 200, unknown, Transfer-Encoding: chunked",
    "HEAD, 1.1, 200, uncertain, ''",
    "HEAD, 1.1, 204, 5, ''",
    "HEAD, 1.1, 404, 5, Content-Length: 5",
    "HEAD, 1.0, 200, unknown, Connection: close"
  })
  void head_hasTheFramingOfItsBody(
      String method, String version, int status, String length, String fields) throws IOException {
    boolean current = version.equals("1.1");
    Http1Responder responder = wire.answer(method, current, current, false);
    responder.head(new ResponseHead(status).length(length(length)));
    responder.flush();

    String sent = wire.sent();
    assertThat(sent).startsWith("HTTP/1.1 " + status + " ").endsWith("\r\n\r\n");
    assertThat(sent.lines().skip(1).filter(line -> !line.isEmpty()))
        .containsExactlyElementsOf(
            fields.isEmpty()
                ? List.of("Date: DATE")
                : List.of(("Date: DATE|" + fields).split("\\|", -1)));
  }

  @Test
  void head_isWrittenExactly() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(
        new ResponseHead(200).field("ETag", "\"a\"").field("X", "\u00e9\u0080").length(0));
    assertThat(wire.sent()).as("before the flush").isEmpty();
    responder.end();

    assertThat(wire.sent())
        .isEqualTo(
            Wire.head(
                "HTTP/1.1 200 OK",
                "Date: DATE",
                "ETag: \"a\"",
                "X: \u00e9\u0080",
                "Content-Length: 0"));
    assertThat(wire.ended).containsExactly(true);
    assertThat(wire.channel.isOpen()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {299, 451, 507, 599, 999})
  void status_withoutAName_hasALineAllTheSame(int status) throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(status));
    responder.end();

    assertThat(wire.sent()).matches("(?s)HTTP/1\\.1 " + status + " [^\r\n]+\r\nDate: .*");
  }

  @Test
  void knownLength_isFollowedByTheBytesAlone() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(7));
    responder.bytes(bytes("hel"), event("one"));
    responder.bytes(bytes(""), event("none"));
    responder.bytes(bytes("lo 1"), event("two"));
    responder.end();

    assertThat(wire.sent()).endsWith("Content-Length: 7\r\n\r\nhello 1");
    assertThat(events).containsExactly("one", "none", "two");
    assertThat(responder.bodyBytesSent()).isEqualTo(7);
    assertThat(responder.isOver()).isTrue();
    assertThat(wire.ended).containsExactly(true);
  }

  @Test
  void unknownLength_isSentInChunks() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.bytes(bytes("hello"), event("one"));
    responder.bytes(bytes("x".repeat(26)), event("two"));
    responder.end();

    assertThat(wire.sent())
        .endsWith("\r\n\r\n5\r\nhello\r\n1a\r\n" + "x".repeat(26) + "\r\n0\r\n\r\n");
    assertThat(wire.ended).containsExactly(true);
    assertThat(responder.bodyBytesSent()).isEqualTo(31);
  }

  /** An empty chunk would be the last one, and the rest would be read as the next response. */
  @Test
  void emptyPiece_isNoChunk() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.bytes(bytes(""), event("none"));
    responder.bytes(bytes("a"), event("one"));
    responder.bytes(bytes(""), event("none"));
    responder.end();

    assertThat(wire.sent()).endsWith("chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    assertThat(events).containsExactly("none", "one", "none");
  }

  @Test
  void unknownLength_forAnOldClient_endsWithTheConnection() throws IOException {
    Http1Responder responder = wire.answer("GET", false, false, false);
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.bytes(bytes("hello"), event("one"));
    responder.end();

    assertThat(wire.sent()).endsWith("Connection: close\r\n\r\nhello");
    assertThat(wire.ended).containsExactly(false);
  }

  /** Chunks would promise an end that the upstream never promised. */
  @Test
  void uncertainEnd_isNeverChunked() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Uncertain()));
    responder.bytes(bytes("hello"), event("one"));
    responder.end();

    assertThat(wire.sent()).endsWith("Connection: close\r\n\r\nhello");
    assertThat(wire.ended).containsExactly(false);
  }

  @Test
  void answerToHead_hasNoBody_andTheConnectionStays() throws IOException {
    for (String length : List.of("5", "unknown", "uncertain", "none")) {
      Http1Responder responder = wire.answer("HEAD", true, true, false);
      responder.head(new ResponseHead(200).length(length(length)));
      responder.end();

      assertThat(wire.sent()).endsWith("\r\n\r\n").doesNotContain("Connection");
    }
    assertThat(wire.ended).containsExactly(true, true, true, true);
  }

  @Test
  void connection_isNotKept_afterABodyThatNobodyReads_orWhileItDrains() throws IOException {
    Http1Responder withBody = wire.answer("POST", true, true, true);
    withBody.head(new ResponseHead(405));
    withBody.end();
    assertThat(wire.sent()).contains("Connection: close\r\n");

    wire.closing = true;
    Http1Responder draining = wire.answer();
    draining.head(new ResponseHead(200));
    draining.end();
    assertThat(wire.sent()).contains("Connection: close\r\n");
    assertThat(wire.ended).containsExactly(false, false);
  }

  @Test
  void file_isSentAsRegions_eachWithItsOwnLease(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("body"), "0123456789");
    OpenFile file = new OpenFile(FileChannel.open(path, StandardOpenOption.READ), event("closed"));
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(206).length(6));
    wire.holding = true;
    responder.file(file, 2, 4, event("one"));
    assertThat(file.leaseCount()).isEqualTo(2);
    assertThat(responder.progress().isBusy()).isTrue();
    assertThat(events).isEmpty();
    wire.letGo();
    responder.file(file, 0, 2, event("two"));
    file.release();
    responder.end();

    assertThat(wire.sent()).endsWith("\r\n\r\n234501");
    assertThat(events).containsExactly("one", "two", "closed");
    assertThat(responder.progress().isBusy()).isFalse();
    assertThat(responder.bodyBytesSent()).isEqualTo(6);
  }

  @Test
  void file_inChunks_hasTheSizeOfTheRegion(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("body"), "0123456789");
    OpenFile file = new OpenFile(FileChannel.open(path, StandardOpenOption.READ), event("closed"));
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.file(file, 0, 10, event("one"));
    responder.end();
    file.release();

    assertThat(wire.sent()).endsWith("chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
    assertThat(events).containsExactly("one", "closed");
  }

  /** The next piece and the end come from inside the report of the last one. */
  @Test
  void endInsideTheReportOfAPiece_comesBehindThePiece() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.bytes(
        bytes("a"),
        () ->
            responder.bytes(
                bytes("b"),
                () ->
                    responder.bytes(
                        bytes("c"),
                        () -> {
                          events.add("last");
                          responder.end();
                        })));

    assertThat(wire.sent()).endsWith("\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n");
    assertThat(events).containsExactly("last");
    assertThat(wire.ended).containsExactly(true);
  }

  @Test
  void abort_closesTheConnection_withoutAnEnd() throws IOException {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("gone"));
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    responder.bytes(bytes("hello"), event("one"));
    responder.abort();
    responder.gone();

    assertThat(wire.sent()).endsWith("5\r\nhello\r\n");
    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(responder.isOver()).isTrue();
    assertThat(wire.ended).isEmpty();
    assertThat(events).as("who aborts knows").containsExactly("one");
  }

  @Test
  void abort_afterTheEnd_leavesTheNextResponseAlone() throws IOException {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200));
    responder.end();
    responder.abort();

    assertThat(wire.channel.isOpen()).isTrue();
    assertThat(wire.ended).containsExactly(true);
    assertThat(wire.sent()).isNotEmpty();
  }

  /** A body that is short of its declared length must not let the next response fill it. */
  @Test
  void shortBody_isAborted_whateverItsSourceSays() throws IOException {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("gone"));
    responder.head(new ResponseHead(200).length(10));
    responder.bytes(bytes("hello"), event("one"));
    responder.end();

    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(wire.ended).isEmpty();
    assertThat(events).containsExactly("one", "gone");
    assertThat(wire.sent()).endsWith("\r\n\r\nhello");
  }

  @Test
  void overlongBody_isAborted_beforeTheByteTooMany() throws IOException {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("gone"));
    responder.head(new ResponseHead(200).length(6));
    responder.bytes(bytes("hello"), event("one"));
    ByteBuf more = bytes("ab");
    responder.bytes(more, event("two"));

    assertThat(more.refCnt()).isZero();
    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(wire.ended).isEmpty();
    assertThat(events).containsExactly("one", "gone");
    assertThat(wire.sent()).endsWith("\r\n\r\nhello");
  }

  @Test
  void overlongFile_isAborted_andTakesNoLease(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("body"), "0123456789");
    OpenFile file = new OpenFile(FileChannel.open(path, StandardOpenOption.READ), event("closed"));
    Http1Responder responder = wire.answer();
    responder.whenGone(file::release);
    responder.head(new ResponseHead(200).length(9));
    responder.file(file, 0, 10, event("one"));

    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(events).containsExactly("closed");
    assertThat(wire.sent()).isEmpty();
  }

  @Test
  void goneListeners_runOnce_inTheirOrder() {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("one"));
    responder.whenGone(event("two"));
    responder.whenGone(responder::gone);
    responder.gone();
    responder.gone();

    assertThat(events).containsExactly("one", "two");
    assertThat(responder.isOver()).isTrue();
  }

  @Test
  void goneListeners_doNotRun_afterTheEnd() throws IOException {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("gone"));
    responder.head(new ResponseHead(200));
    responder.end();
    responder.gone();

    assertThat(events).isEmpty();
    assertThat(wire.sent()).isNotEmpty();
  }

  @Test
  void failedWrite_closesTheConnection_andReportsNoPiece() {
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(5));
    wire.failing = true;
    ByteBuf piece = bytes("hello");
    responder.bytes(piece, event("one"));

    assertThat(events).isEmpty();
    assertThat(piece.refCnt()).isZero();
    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(responder.progress().isBusy()).isFalse();
    assertThat(responder.bodyBytesSent()).isZero();
  }

  @Test
  void faultInAStep_resetsTheConnection_andTellsOnce() throws IOException {
    Http1Responder responder = wire.answer();
    responder.whenGone(event("gone"));
    responder.head(new ResponseHead(200).length(new Length.Uncertain()));
    IllegalStateException fault = new IllegalStateException("planted");
    responder.bytes(
        bytes("hello"),
        () -> {
          throw fault;
        });

    assertThat(wire.faults).containsExactly(fault);
    wire.faults.clear();
    assertThat(wire.channel.isOpen()).isFalse();
    assertThat(wire.ended).isEmpty();
    assertThat(events).containsExactly("gone");
    assertThat(responder.isOver()).isTrue();
    assertThat(wire.sent()).endsWith("hello");
  }

  /** A client's speed is measured over the time in which bytes wait for it, pauses left out. */
  @Test
  void waitForTheClient_countsFromTheFirstPieceItDidNotTake() throws IOException {
    wire.channel.freezeTime();
    Http1Responder responder = wire.answer();
    responder.head(new ResponseHead(200).length(new Length.Unknown()));
    assertThat(responder.progress().isBusy()).isFalse();
    responder.bytes(bytes("12345"), event("taken"));
    assertThat(responder.progress().isBusy()).isFalse();
    wire.channel.advanceTimeBy(10, TimeUnit.SECONDS);
    wire.holding = true;
    final long since = wire.channel.eventLoop().ticker().nanoTime();
    responder.bytes(bytes("678"), () -> responder.bytes(bytes("9"), event("last")));
    wire.channel.advanceTimeBy(10, TimeUnit.SECONDS);

    assertThat(responder.progress().isBusy()).isTrue();
    assertThat(responder.progress().busySinceNanos()).isEqualTo(since);
    assertThat(responder.progress().busyFromBytes()).isEqualTo(5);
    wire.letGo();
    assertThat(events).containsExactly("taken", "last");
    assertThat(responder.progress().isBusy()).isFalse();
    responder.end();
    assertThat(wire.sent()).endsWith("1\r\n9\r\n0\r\n\r\n");
  }

  @Test
  void pieceThatIsTaken_afterTheClientLeft_isNotReported(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("body"), "0123456789");
    OpenFile file = new OpenFile(FileChannel.open(path, StandardOpenOption.READ), event("closed"));
    Http1Responder responder = wire.answer();
    responder.whenGone(file::release);
    responder.head(new ResponseHead(200).length(10));
    wire.holding = true;
    responder.file(file, 0, 10, event("one"));
    assertThat(file.leaseCount()).isEqualTo(2);
    responder.gone();
    assertThat(file.leaseCount()).isOne();
    wire.channel.close().syncUninterruptibly();
    wire.letGo();

    assertThat(events).containsExactly("closed");
  }
}
