package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.RemoteSettings;
import dev.millrace.observe.FetchFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** How connections are kept, shared out and given up. */
final class OriginPoolTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void keepAliveConnection_isUsedAgain() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < 20; i++) {
        assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(fixture.events().count("retry")).isZero();
    }
  }

  @Test
  void closingResponse_isNotKept() throws Exception {
    String closing = HELLO.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    String old = HELLO.replace("1.1", "1.0");
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                ScriptedOrigin.answering(closing),
                ScriptedOrigin.answering(old),
                ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < 3; i++) {
        assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(origin.connections()).isEqualTo(3);
    }
  }

  @Test
  void remotes_neverShareAConnection() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO))) {
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.name = "one";
      one.username = "alice";
      one.password = "wonder";
      OriginFixture.Remote two = new OriginFixture.Remote();
      two.name = "two";
      fixture.get(one.at(origin.url()), "x");
      fixture.get(two.at(origin.url()), "x");
      fixture.get(one.at(origin.url()), "x");
      assertThat(origin.connections()).isEqualTo(2);
      assertThat(origin.heads().get(0)).contains("Authorization: Basic YWxpY2U6d29uZGVy\r\n");
      assertThat(origin.heads().get(1)).doesNotContain("Authorization");
    }
  }

  /**
   * The upstream reads the second request before it closes, so the client cannot know beforehand.
   */
  @Test
  void staleConnection_isReplacedOnce() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                peer -> {
                  peer.readHead();
                  peer.send(HELLO);
                  peer.readHead();
                },
                ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(2);
      assertThat(fixture.events().count("retry")).isEqualTo(1);
    }
  }

  @Test
  void staleConnection_thatWasReset_isReplacedOnce() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                peer -> {
                  peer.readHead();
                  peer.send(HELLO);
                  peer.readHead();
                  peer.reset();
                },
                ScriptedOrigin.answeringOnce(""))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      // The fresh connection says nothing either: that is the upstream's answer, not a stale one's.
      assertThat(fixture.get(remote, "x").failure()).isEqualTo(FetchFailure.CLOSED_EARLY);
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @Test
  void usedConnection_thatBreaksInTheHead_isNotRetried() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                peer -> {
                  peer.readHead();
                  peer.send(HELLO);
                  peer.readHead();
                  peer.send("HTTP/1.1 2");
                },
                ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      fixture.get(remote, "x");
      assertThat(fixture.get(remote, "x").failure()).isEqualTo(FetchFailure.CLOSED_EARLY);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void unusedConnection_isClosed_byAnyByteAndByTheEnd() throws Exception {
    // Both are asked before either answers: else the second request could use the first's
    // connection.
    CountDownLatch asked = new CountDownLatch(2);
    CountDownLatch answered = new CountDownLatch(2);
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                peer -> {
                  peer.readHead();
                  asked.countDown();
                  awaitQuietly(asked);
                  peer.send(HELLO);
                  awaitQuietly(answered);
                  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
                  peer.awaitClose();
                },
                peer -> {
                  peer.readHead();
                  asked.countDown();
                  awaitQuietly(asked);
                  peer.send(HELLO);
                  awaitQuietly(answered);
                },
                ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      RecordingSink first = fixture.start(remote, "x", RecordingSink.eager());
      RecordingSink second = fixture.start(remote, "y", RecordingSink.eager());
      assertThat(first.await().summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(second.await().summary()).isEqualTo("200 LENGTH_MET hello");
      answered.countDown();
      answered.countDown();
      Waiting.until(() -> fixture.events().count("closed") == 2);

      assertThat(fixture.get(remote, "z").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(3);
      assertThat(fixture.events().count("retry")).isZero();
    }
  }

  @Test
  void connections_areNeverMoreThanAllowed_andWaitersGetThem() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              while (peer.readHead() != null) {
                awaitQuietly(go);
                peer.send(HELLO);
              }
            })) {
      OriginFixture.Remote two = new OriginFixture.Remote();
      two.connections = 2;
      RemoteSettings remote = two.at(origin.url());
      List<RecordingSink> sinks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        sinks.add(fixture.start(remote, "x" + i, RecordingSink.eager()));
      }
      Waiting.until(() -> fixture.events().count("wait") == 48);
      go.countDown();
      for (RecordingSink sink : sinks) {
        assertThat(sink.await().summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(origin.connections()).isEqualTo(2);
      assertThat(origin.heads()).hasSize(50);
    }
  }

  @Test
  void waiters_getTheSlot_ofAConnectionThatCloses() throws Exception {
    String closing = HELLO.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answeringOnce(closing))) {
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.connections = 1;
      RemoteSettings remote = one.at(origin.url());
      List<RecordingSink> sinks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        sinks.add(fixture.start(remote, "x" + i, RecordingSink.eager()));
      }
      for (RecordingSink sink : sinks) {
        assertThat(sink.await().summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(origin.connections()).isEqualTo(10);
    }
  }

  @Test
  void waiter_isRefused_whenItsTimeIsUp_andTheSlotIsFreeAfterwards() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (OriginFixture fixture =
            OriginFixture.with(OriginFixture.limits(Duration.ofMillis(100), 0));
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              while (peer.readHead() != null) {
                awaitQuietly(go);
                peer.send(HELLO);
              }
            })) {
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.connections = 1;
      RemoteSettings remote = one.at(origin.url());
      RecordingSink first = fixture.start(remote, "x", RecordingSink.eager());
      Waiting.until(() -> origin.heads().size() == 1);
      assertThat(fixture.get(remote, "y").failure()).isEqualTo(FetchFailure.POOL_EXHAUSTED);
      go.countDown();
      assertThat(first.await().summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(fixture.get(remote, "z").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void retryOnAFreshConnection_findsItsSlot_whenAllAreTaken() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                peer -> {
                  peer.readHead();
                  peer.send(HELLO);
                  peer.readHead();
                  peer.reset();
                },
                ScriptedOrigin.answering(HELLO))) {
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.connections = 1;
      RemoteSettings remote = one.at(origin.url());
      fixture.get(remote, "x");
      List<RecordingSink> sinks = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        sinks.add(fixture.start(remote, "y" + i, RecordingSink.eager()));
      }
      for (RecordingSink sink : sinks) {
        assertThat(sink.await().summary()).isEqualTo("200 LENGTH_MET hello");
      }
      // The one that has to have a fresh connection waits its turn behind those that do not care.
      assertThat(origin.connections()).isBetween(2, 3);
    }
  }

  @Test
  void failedFetches_leaveNoSlotTaken() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answeringOnce("nonsense"))) {
      OriginFixture.Remote one = new OriginFixture.Remote();
      one.connections = 1;
      RemoteSettings remote = one.at(origin.url());
      for (int i = 0; i < 10; i++) {
        assertThat(fixture.get(remote, "x").failure()).isEqualTo(FetchFailure.BAD_MESSAGE);
      }
      Waiting.until(() -> fixture.events().count("closed") == 10);
    }
  }

  @Test
  void changedSettings_openNewConnections() throws Exception {
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO))) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      fixture.get(remote.at(origin.url()), "x");
      fixture.get(remote.at(origin.url()), "x");
      assertThat(origin.connections()).isEqualTo(1);
      remote.username = "bob";
      fixture.get(remote.at(origin.url()), "x");
      assertThat(origin.connections()).isEqualTo(2);
      Waiting.until(() -> fixture.events().count("closed") == 1);
    }
  }

  @Test
  void close_letsRunningFetchesEnd_withinTheGrace() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              asked.countDown();
              awaitQuietly(go);
              peer.send(HELLO);
              peer.awaitClose();
            })) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      RecordingSink running = fixture.start(remote, "x", RecordingSink.eager());
      asked.await();
      Thread closing =
          Thread.ofVirtual().start(() -> fixture.client().close(Duration.ofSeconds(20)));
      Waiting.until(() -> refused(fixture, remote));
      go.countDown();
      assertThat(running.await().summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
      assertThat(fixture.events().count("closed")).isEqualTo(1);
    }
  }

  @Test
  void close_breaksWhatRunsOn() throws Exception {
    CountDownLatch asked = new CountDownLatch(2);
    try (OriginFixture fixture = OriginFixture.open();
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello");
              asked.countDown();
              peer.awaitClose();
            })) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      RecordingSink reading = fixture.start(remote, "x", RecordingSink.eager());
      RecordingSink pausing = fixture.start(remote, "x", RecordingSink.patient());
      asked.await();
      reading.awaitHead();
      pausing.awaitHead();
      fixture.client().close();
      assertThat(reading.await().failure()).isEqualTo(FetchFailure.SHUTDOWN);
      assertThat(pausing.await().failure()).isEqualTo(FetchFailure.SHUTDOWN);
      assertThat(fixture.events().count("closed")).isEqualTo(2);
    }
  }

  private static boolean refused(OriginFixture fixture, RemoteSettings remote)
      throws InterruptedException {
    return fixture.get(remote, "y").failure() == FetchFailure.SHUTDOWN;
  }
}
