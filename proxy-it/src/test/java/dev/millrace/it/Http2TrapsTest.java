package dev.millrace.it;

import static dev.millrace.it.rig.RawHttp2.CONTINUATION;
import static dev.millrace.it.rig.RawHttp2.DATA;
import static dev.millrace.it.rig.RawHttp2.END_HEADERS;
import static dev.millrace.it.rig.RawHttp2.END_STREAM;
import static dev.millrace.it.rig.RawHttp2.GOAWAY;
import static dev.millrace.it.rig.RawHttp2.HEADERS;
import static dev.millrace.it.rig.RawHttp2.PING;
import static dev.millrace.it.rig.RawHttp2.PRIORITY;
import static dev.millrace.it.rig.RawHttp2.RST_STREAM;
import static dev.millrace.it.rig.RawHttp2.SETTINGS;
import static dev.millrace.it.rig.RawHttp2.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.RawHttp2;
import dev.millrace.it.rig.RawHttp2.Frame;
import dev.millrace.it.rig.Rig;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages and floods by HTTP/2 (traps M01 to M22, D01 to D14). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2TrapsTest {
  private static final String TARGET = Rig.target("/trap.bin");
  private static final byte[] NOTHING = {};
  private static final int PADDED = 8;
  private static final int FLOOD = 2_000;
  private static final Duration SERVED_WITHIN = Duration.ofSeconds(2);

  @RegisterExtension final Rig rig = Rig.with().tls();

  @BeforeAll
  void serve() {
    rig.origin().at("/good.bin", Content.of("good"));
  }

  /** A row: its fields, in order, as name and value. */
  record Message(String id, String what, List<String> fields) {
    @Override
    public String toString() {
      return id + " " + what;
    }
  }

  private static Message with(String id, String what, String... more) {
    String[] good = {":method", "GET", ":scheme", "https", ":authority", "h", ":path", TARGET};
    String[] all = Arrays.copyOf(good, good.length + more.length);
    System.arraycopy(more, 0, all, good.length, more.length);
    return new Message(id, what, List.of(all));
  }

  private static Message pseudo(String id, String what, String... fields) {
    return new Message(id, what, List.of(fields));
  }

  static Stream<Message> messages() {
    return Stream.of(fields(), paths(), pseudoFields()).flatMap(rows -> rows);
  }

  private static Stream<Message> fields() {
    return Stream.of(
        with("M01", "CRLF in a value", "x", "a\r\nx-smuggled: 1"),
        with("M02", "LF in a value", "x", "a\nb"),
        with("M03", "NUL in a value", "x", "a\0b"),
        with("M04", "CRLF in a name", "x\r\ny", "a"),
        with("M05", "colon in a name", "x: y", "a"),
        with("M06", "upper case in a name", "X-Upper", "a"),
        with("M07", "transfer-encoding", "transfer-encoding", "chunked"),
        with("M08", "content-length without a body", "content-length", "5"),
        with("M09", "two content-lengths", "content-length", "0", "content-length", "5"),
        with("M10", "connection", "connection", "close"),
        with("M11", "te that is not trailers", "te", "gzip"),
        with("M12", "upgrade", "upgrade", "h2c"));
  }

  private static Stream<Message> paths() {
    return Stream.of(
        pseudo(
            "M13",
            "CRLF in :path",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            TARGET + " HTTP/1.1\r\nx: y"),
        pseudo(
            "M14",
            "space in :method",
            ":method",
            "GET /x HTTP/1.1",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            TARGET),
        pseudo(
            "M15",
            ":path without a slash",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            "trap.bin"),
        pseudo(
            "M16",
            ":authority with a user",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "a@h",
            ":path",
            TARGET));
  }

  private static Stream<Message> pseudoFields() {
    return Stream.of(
        pseudo(
            "M17",
            "two :path",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            TARGET,
            ":path",
            "/other"),
        pseudo("M18", "no :method", ":scheme", "https", ":authority", "h", ":path", TARGET),
        pseudo("M18b", "no :path", ":method", "GET", ":scheme", "https", ":authority", "h"),
        pseudo("M18c", "no :scheme", ":method", "GET", ":authority", "h", ":path", TARGET),
        pseudo(
            "M19",
            "unknown pseudo-field",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            TARGET,
            ":status",
            "200"),
        pseudo(
            "M20",
            "pseudo-field after a field",
            ":method",
            "GET",
            ":scheme",
            "https",
            "x",
            "y",
            ":authority",
            "h",
            ":path",
            TARGET),
        with("M21", "host against :authority", "host", "other"),
        pseudo(
            "M22",
            "fragment in :path",
            ":method",
            "GET",
            ":scheme",
            "https",
            ":authority",
            "h",
            ":path",
            TARGET + "#x"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void badMessage_isRefusedOrReset_andNeverForwarded(Message row) {
    int before = rig.origin().requests();
    try (RawHttp2 client = rig.http2()) {
      client.frame(
          HEADERS,
          END_HEADERS | END_STREAM,
          1,
          RawHttp2.block(row.fields().toArray(String[]::new)));

      Frame answer = client.awaitHead(1);

      boolean refused = answer.type() == HEADERS && answer.status().equals("400");
      assertThat(
              refused || answer.isClose() || answer.type() == RST_STREAM || answer.type() == GOAWAY)
          .as("type %s", answer.type())
          .isTrue();
    }
    assertThat(rig.origin().requests()).isEqualTo(before);
    assertServed();
  }

  /** What nothing but an empty frame, or one of padding, follows has no body (RFC 9113 §8.1). */
  @Test
  void requestThatEndsInAnEmptyFrame_isServed_andOneWithABodyIsNot() {
    String target = Rig.target("/good.bin");
    byte[] head =
        RawHttp2.block(":method", "GET", ":scheme", "https", ":authority", "h", ":path", target);
    try (RawHttp2 client = rig.http2()) {
      client.frame(HEADERS, END_HEADERS, 1, head).frame(DATA, END_STREAM, 1, NOTHING);
      assertThat(client.body(1)).isEqualTo("good".getBytes(StandardCharsets.US_ASCII));
      client.frame(HEADERS, END_HEADERS, 3, head);
      client.frame(DATA, END_STREAM | PADDED, 3, new byte[] {1, 0});
      assertThat(client.body(3)).isEqualTo("good".getBytes(StandardCharsets.US_ASCII));

      client.frame(HEADERS, END_HEADERS, 5, head).frame(DATA, END_STREAM, 5, new byte[1]);
      assertThat(client.awaitHead(5).status()).isEqualTo("400");
      client.frame(HEADERS, END_HEADERS, 7, head).frame(DATA, 0, 7, new byte[1]);
      assertThat(client.awaitHead(7).status()).isEqualTo("400");
    }
  }

  private void assertServed() {
    Duration taken =
        Await.time(() -> {
          try (RawHttp2 client = rig.http2()) {
            client.get(1, Rig.target("/good.bin"));
            assertThat(client.body(1)).isEqualTo("good".getBytes(StandardCharsets.US_ASCII));
          }
        });
    assertThat(taken).isLessThan(SERVED_WITHIN);
  }

  /** A row: what is sent, and whether the connection must end by it. */
  record Flood(String id, String what, boolean ends, Consumer<RawHttp2> sent) {
    @Override
    public String toString() {
      return id + " " + what;
    }
  }

  static Stream<Flood> floods() {
    return Stream.of(heads(), resets(), moreResets(), frames()).flatMap(rows -> rows);
  }

  private static Stream<Flood> heads() {
    return Stream.of(
        new Flood("D01", "3.2 MB of fields", true, Http2TrapsTest::manyFields),
        new Flood(
            "D02",
            "20,000 empty continuations",
            true,
            client -> {
              client.frame(HEADERS, END_STREAM, 1, RawHttp2.block(":method", "GET"));
              for (int i = 0; i < 20_000 && !client.sentLess(); i++) {
                client.frame(CONTINUATION, 0, 1, NOTHING);
              }
            }),
        new Flood(
            "D03", "one large field, 5,000 times by reference", false, Http2TrapsTest::headerBomb));
  }

  private static Stream<Flood> resets() {
    return Stream.of(
        new Flood(
            "D04",
            "rapid reset",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(RST_STREAM, 0, id, number(8));
                    })),
        new Flood(
            "D05",
            "reset by a window of nothing",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(WINDOW_UPDATE, 0, id, number(0));
                    })),
        new Flood(
            "D06",
            "reset by a window too wide",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(WINDOW_UPDATE, 0, id, number(Integer.MAX_VALUE));
                      client.frame(WINDOW_UPDATE, 0, id, number(Integer.MAX_VALUE));
                    })),
        new Flood(
            "D07",
            "reset by a body behind the end",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(DATA, 0, id, new byte[10]);
                    })));
  }

  private static Stream<Flood> moreResets() {
    return Stream.of(
        new Flood(
            "D08",
            "reset by fields behind the end",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(HEADERS, END_HEADERS, id, RawHttp2.block("x", "y"));
                    })),
        new Flood(
            "D09",
            "reset by a priority of the wrong length",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(PRIORITY, 0, id, new byte[4]);
                    })),
        new Flood(
            "D10",
            "reset by a stream that depends on itself",
            true,
            client ->
                each(
                    client,
                    id -> {
                      client.get(id, TARGET);
                      client.frame(PRIORITY, 0, id, ByteBuffer.allocate(5).putInt(id).array());
                    })));
  }

  private static Stream<Flood> frames() {
    return Stream.of(
        new Flood(
            "D11",
            "pings",
            false,
            client -> each(client, id -> client.frame(PING, 0, 0, new byte[8]))),
        new Flood(
            "D12",
            "settings",
            false,
            client -> each(client, id -> client.settings(4, 65_535 + id))),
        new Flood(
            "D13",
            "2,000 held streams",
            false,
            client -> {
              client.settings(4, 0);
              each(client, id -> client.get(id, Rig.target("/good.bin")));
            }),
        new Flood(
            "D14",
            "a list of one byte of fields is all it takes",
            false,
            client -> {
              client.frame(
                  SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) 6).putInt(1).array());
              client.get(1, Rig.target("/good.bin"));
            }));
  }

  private static void each(RawHttp2 client, Consumer<Integer> step) {
    for (int i = 0; i < FLOOD && !client.sentLess(); i++) {
      step.accept(2 * i + 1);
    }
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static void manyFields(RawHttp2 client) {
    client.frame(HEADERS, END_STREAM, 1, RawHttp2.block(":method", "GET"));
    byte[] block = RawHttp2.block("x", "y".repeat(16_000));
    for (int i = 0; i < 200 && !client.sentLess(); i++) {
      client.frame(CONTINUATION, i == 199 ? END_HEADERS : 0, 1, block);
    }
  }

  private static void headerBomb(RawHttp2 client) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    // With indexing (RFC 7541 §6.2.1): the field takes the first place of the table.
    byte[] literal = RawHttp2.block("x", "y".repeat(4_000));
    literal[0] = 0x40;
    block.writeBytes(literal);
    for (int i = 0; i < 5_000; i++) {
      block.write(0x80 | 62);
    }
    client.frame(HEADERS, END_STREAM | END_HEADERS, 1, block.toByteArray());
  }

  @ParameterizedTest
  @MethodSource("floods")
  void flood_endsItsConnection_orCostsNothing(Flood row) {
    int before = rig.origin().requests();
    try (RawHttp2 client = rig.http2()) {
      row.sent().accept(client);
      if (row.ends()) {
        Frame end = client.await(frame -> frame.type() == GOAWAY);
        assertThat(end.isClose() || end.error() != 0).isTrue();
      }
      assertServed();
    }
    assertServed();
    assertThat(rig.origin().requests() - before).isLessThan(FLOOD);
    rig.await("no stream is left", () -> rig.millrace().metrics().sum("millrace_readers") == 0);
  }
}
