package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.RemoteSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every wait for an upstream ends (traps SL05-SL07). */
final class OriginTimeoutTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @Test
  void silentUpstream_isGivenUp_atTheHeadLimit() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(ScriptedOrigin.Peer::awaitClose, ScriptedOrigin.answering(""))) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.head = SHORT;
      remote.connections = 1;
      assertThat(fixture.get(remote.at(origin.url()), "x").summary()).isEqualTo("HEAD_TIMEOUT");
      Waiting.until(() -> fixture.events().count("closed") == 1);
    }
  }

  @Test
  void headThatComesByteByByte_isGivenUp_atTheHeadLimit() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nX: ");
              for (int i = 0; i < 10; i++) {
                peer.send("a");
              }
              peer.awaitClose();
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.head = SHORT;
      assertThat(fixture.get(remote.at(origin.url()), "x").summary()).isEqualTo("HEAD_TIMEOUT");
    }
  }

  @Test
  void bodyThatStalls_isGivenUp_atTheIdleLimit() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello");
              peer.awaitClose();
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.idle = SHORT;
      var outcome = fixture.get(remote.at(origin.url()), "x");
      assertThat(outcome.summary()).isEqualTo("200 IDLE_TIMEOUT");
      assertThat(outcome.text()).isEqualTo("hello");
    }
  }

  @Test
  void chunkFramingAlone_isNoBody() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;");
              dribble(peer, "a", Duration.ofMillis(50));
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.idle = SHORT;
      assertThat(fixture.get(remote.at(origin.url()), "x").summary()).isEqualTo("200 IDLE_TIMEOUT");
    }
  }

  @Test
  void pausedFetch_isNotTheUpstreamsFault() throws Exception {
    try (OriginFixture fixture = OriginFixture.with(OriginFixture.limits(SHORT, 1000));
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              peer.readHead();
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.idle = Duration.ofMillis(50);
      RecordingSink sink = fixture.start(remote.at(origin.url()), "x", RecordingSink.patient());
      sink.awaitHead();
      Waiting.stays(() -> !sink.isDone());
      sink.read();
      assertThat(sink.await().summary()).isEqualTo("200 IDLE_TIMEOUT");
    }
  }

  @Test
  void bodyThatDribbles_isGivenUp_atTheMinimumRate() throws Exception {
    try (OriginFixture fixture = OriginFixture.with(OriginFixture.limits(SHORT, 1000));
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
              dribble(peer, "a", Duration.ofMillis(20));
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.idle = SHORT;
      assertThat(fixture.get(remote.at(origin.url()), "x").summary()).isEqualTo("200 TOO_SLOW");
    }
  }

  @Test
  void bodyAboveTheMinimumRate_goesOn() throws Exception {
    try (OriginFixture fixture = OriginFixture.with(OriginFixture.limits(SHORT, 10));
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n");
              dribble(peer, "a", Duration.ofMillis(20));
            })) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.idle = SHORT;
      var outcome = fixture.get(remote.at(origin.url()), "x");
      assertThat(outcome.end()).hasToString("LENGTH_MET");
    }
  }

  /** A listener with a full backlog answers no SYN. */
  @Test
  void unreachableUpstream_isGivenUp_atTheDialLimit() throws Exception {
    List<Socket> queue = new ArrayList<>();
    try (OriginFixture fixture = OriginFixture.open();
        ServerSocket full = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      for (int i = 0; i < 3; i++) {
        Socket socket = new Socket();
        queue.add(socket);
        connectIfPossible(socket, full);
      }
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.dial = SHORT;
      RemoteSettings settings = remote.at("http://127.0.0.1:" + full.getLocalPort());
      assertThat(fixture.get(settings, "x").summary()).isEqualTo("DIAL_TIMEOUT");
    } finally {
      for (Socket socket : queue) {
        socket.close();
      }
    }
  }

  @Test
  void nobodyListening_isRefused_andTheNextAddressIsTried() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                ScriptedOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))) {
      fixture.host("two.test", "127.0.0.2", "127.0.0.1").host("one.test", "127.0.0.2");
      OriginFixture.Remote two = new OriginFixture.Remote();
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.name = "one";
      assertThat(fixture.get(two.at("http://two.test:" + origin.port()), "x").summary())
          .isEqualTo("200 LENGTH_MET hi");
      assertThat(fixture.get(one.at("http://one.test:" + origin.port()), "x").summary())
          .isEqualTo("REFUSED");
    }
  }

  @Test
  void unknownHost_isAFaultOfDns() throws Exception {
    try (OriginFixture fixture = OriginFixture.open()) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      assertThat(fixture.get(remote.at("http://no-such-host.invalid"), "x").summary())
          .isEqualTo("DNS");
    }
  }

  @Test
  void upstreamWithoutTls_isGivenUp_atTheTlsLimit() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.Peer::awaitClose)) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.tls = SHORT;
      assertThat(fixture.get(remote.at("https://127.0.0.1:" + origin.port()), "x").summary())
          .isEqualTo("TLS_TIMEOUT");
    }
  }

  /** Sends until the client closes; the pause is the read timeout of the socket. */
  private static void dribble(ScriptedOrigin.Peer peer, String piece, Duration pause)
      throws IOException {
    while (!peer.isClosedWithin(pause)) {
      peer.send(piece);
    }
  }

  private static void connectIfPossible(Socket socket, ServerSocket to) {
    try {
      socket.connect(to.getLocalSocketAddress(), 100);
    } catch (IOException e) {
      // Then the backlog is full, which is what this is for.
      assertThat(socket.isConnected()).isFalse();
    }
  }
}
