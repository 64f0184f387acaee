package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.RawHttp2;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that are strange by TLS, whatever speaks it here: another name in the handshake than in
 * the request (TL04), and what costs a server more than its client (TL05).
 */
interface AnyTls {
  String GOOD = "/good.bin";
  String SECRET = "/secret.bin";
  int KEY_UPDATES = 20_000;
  long KEY_UPDATES_MAX = 10_000_000;
  int RENEGOTIATIONS = 100;
  int HEAD_BYTES_MAX = 32 << 10;
  long DIRECT_BYTES_MAX = 8 << 20;
  Duration SERVED_WITHIN = Duration.ofSeconds(5);

  /** Three seconds for a head, two for what comes behind the answer, and some for the machine. */
  Duration ENDED_WITHIN = Duration.ofSeconds(15);

  /** Of the processor, for whatever one client does. */
  Duration WORK_MAX = Duration.ofSeconds(10);

  /** A product by the TLS under test. */
  Rig rig();

  /** The product of these tests. */
  static Rig product() {
    return Rig.with("blocklist: ['secret']")
        .limits("header_read_timeout: 3s", "request_head_bytes: 32KiB")
        .tls();
  }

  @BeforeAll
  default void serve() {
    rig().origin().at(GOOD, Content.of("good"));
    rig().get(GOOD);
    rig().awaitStored(GOOD);
  }

  private SSLSocket socket(String protocol) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            rig()
                .certificate()
                .trust()
                .getSocketFactory()
                .createSocket("127.0.0.1", rig().millrace().tlsPort());
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    return socket;
  }

  /** A row: what name the handshake has, and what the request. */
  record Names(String id, String sni, String host) {
    @Override
    public String toString() {
      return id + " " + sni + " and " + host;
    }
  }

  static Stream<Names> names() {
    return Stream.of(
        new Names("TL04", "a.example", "a.example"),
        new Names("TL04b", "a.example", "b.example"),
        new Names("TL04c", "b.example", "a.example:8443"),
        new Names("TL04d", "a.example", "127.0.0.1"));
  }

  /** No rule is about the server's name, so that none is got around by another one. */
  @ParameterizedTest
  @MethodSource("names")
  default void tl04_nameInTheHandshake_andNameInTheRequest_changeNothing(Names row)
      throws IOException {
    int before = rig().origin().requests();
    for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
      try (SSLSocket socket = socket(protocol)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(row.sni())));
        socket.setSSLParameters(parameters);
        assertThat(answer(socket, GOOD, row.host())).startsWith("HTTP/1.1 200 ").endsWith("good");
      }
      try (SSLSocket socket = socket(protocol)) {
        assertThat(answer(socket, SECRET, row.host())).startsWith("HTTP/1.1 403 ");
      }
    }
    try (RawHttp2 client = rig().http2()) {
      byte[] fields =
          RawHttp2.block(
              ":method",
              "GET",
              ":scheme",
              "https",
              ":authority",
              row.host(),
              ":path",
              Rig.target(GOOD));
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, fields);
      assertThat(client.body(1)).isEqualTo("good".getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(rig().origin().requests()).isEqualTo(before);
  }

  private static String answer(SSLSocket socket, String path, String host) throws IOException {
    String request =
        "GET " + Rig.target(path) + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  /** Nobody is asked for a certificate, so that a session carries nobody's rights to another. */
  @ParameterizedTest
  @MethodSource("protocols")
  default void tl04_sessionOfAnotherName_isResumedWithoutRights_andNoCertificateIsAskedFor(
      String protocol) {
    String session = rig().folder().root().resolve("session" + protocol).toString();
    Run first = openssl(protocol, "a.example", "-sess_out " + session);
    Run second = openssl(protocol, "b.example", "-sess_in " + session);

    for (Run run : List.of(first, second)) {
      assertThat(run.output()).contains("HTTP/1.1 403 ").contains("\"reason\":\"blocklist\"");
    }
    assertThat(first.output()).contains("No client certificate CA names sent");
  }

  static Stream<String> protocols() {
    return Stream.of("-tls1_3", "-tls1_2");
  }

  private Run openssl(String protocol, String name, String options) {
    String request =
        "GET " + Rig.target(SECRET) + " HTTP/1.1\\r\\nHost: c.example\\r\\nConnection: close\\r\\n";
    String command =
        "printf '%s\\r\\n' | openssl s_client -ign_eof -connect 127.0.0.1:%d %s -servername %s %s"
            .formatted(request, rig().millrace().tlsPort(), protocol, name, options);
    return Run.program(List.of("sh", "-c", command), null, Map.of(), Duration.ofSeconds(20));
  }

  /** A client of TLS 1.2 may ask for another handshake whenever it likes, and each costs a key. */
  @Test
  default void tl05_renegotiation_isRefused() {
    assertBounded(() -> {
      int answered = 0;
      try (SSLSocket socket = socket("TLSv1.2")) {
        byte[] first = new byte[HEAD_BYTES_MAX];
        for (; answered < RENEGOTIATIONS; answered++) {
          // The first time for the connection, then anew; the answer is read behind it.
          socket.startHandshake();
          String request = "GET " + Rig.target(GOOD) + " HTTP/1.1\r\nHost: h\r\n\r\n";
          socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
          if (socket.getInputStream().read(first) < 0) {
            break;
          }
        }
      } catch (IOException e) {
        // How it was refused is the finding, and differs by the TLS under test.
        System.out.println("TL05: no renegotiation: " + e);
      }
      assertThat(answered).as("handshakes").isEqualTo(1);
    });
  }

  /** Each asks for one of ours in return, which the client does not read. */
  @Test
  default void tl05_keyUpdates_areBounded() {
    assertBounded(() -> {
      int sent = 0;
      try (SSLSocket socket = socket("TLSv1.3")) {
        socket.startHandshake();
        for (; sent < KEY_UPDATES; sent++) {
          socket.startHandshake();
        }
        assertThat(socket.getInputStream().read()).as("the end").isEqualTo(-1);
      } catch (SocketTimeoutException e) {
        throw new AssertionError("the connection stands", e);
      } catch (IOException e) {
        // How many is the finding: each TLS has another bound.
        System.out.println("TL05: " + sent + " key updates were taken before " + e);
      }
    });
  }

  /** Bytes of a head between them, for which some servers begin to count anew: time ends it. */
  @Test
  default void tl05_keyUpdatesInsideAHead_areEndedAtItsLimits() {
    String head = "GET " + Rig.target(GOOD) + " HTTP/1.1\r\nHost: h\r\nX: ";
    assertBounded(() -> {
      Duration taken = Await.time(() -> updateKeysUntilTheEnd(head));
      assertThat(taken).isLessThan(ENDED_WITHIN);
    });
  }

  private void updateKeysUntilTheEnd(String head) {
    long sent = 0;
    try (SSLSocket socket = socket("TLSv1.3")) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      for (; sent < KEY_UPDATES_MAX; sent++) {
        socket.startHandshake();
        socket.getOutputStream().write('x');
      }
    } catch (IOException e) {
      // How many is the finding: each TLS has another bound.
      System.out.println("TL05: " + sent + " key updates in a head before " + e);
    }
    assertThat(sent).isLessThan(KEY_UPDATES_MAX);
  }

  @Test
  default void tl05_headInRecordsOfOneByte_isAnswered() {
    String head = "GET " + Rig.target(GOOD) + " HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(2_000);
    assertBounded(() -> {
      try (RawClient client = rig().secured()) {
        sendSingly(client, head + "\r\n\r\n");
        Answer answer = client.read("GET");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("good");
      }
    });
  }

  @Test
  default void tl05_endlessHeadInRecordsOfOneByte_isEndedByItsLength() {
    String head = "GET " + Rig.target(GOOD) + " HTTP/1.1\r\nHost: h\r\nX: ";
    assertBounded(() -> {
      try (RawClient client = rig().secured()) {
        sendSingly(client, head + "x".repeat(2 * HEAD_BYTES_MAX));
        assertThat(client.awaitClose()).isNotEqualTo(End.TIMED_OUT);
      }
    });
  }

  private static void sendSingly(RawClient client, String text) {
    for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
      if (!client.sentLess()) {
        client.send(new byte[] {b});
      }
    }
  }

  /** What one client does costs little memory and work, and others are served meanwhile. */
  private void assertBounded(Runnable work) {
    double directBefore = rig().millrace().metrics().sum("millrace_netty_direct_bytes");
    Duration workBefore = rig().millrace().cpuTime();

    work.run();

    assertThat(Await.time(this::assertServed)).isLessThan(SERVED_WITHIN);
    assertThat(rig().millrace().cpuTime().minus(workBefore)).isLessThan(WORK_MAX);
    assertThat(rig().millrace().metrics().sum("millrace_netty_direct_bytes") - directBefore)
        .isLessThan(DIRECT_BYTES_MAX);
    rig().await("it is gone", () -> rig().millrace().metrics().sum("millrace_connections") <= 1);
  }

  private void assertServed() {
    try (RawClient client = rig().secured()) {
      assertThat(client.get(Rig.target(GOOD)).text()).isEqualTo("good");
    }
  }
}
