package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client that caused a fetch goes away; nobody else notices. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LeaderLeavesTest {
  private static final Body BODY = Body.random(20 << 20, 11);
  private static final long TENTH = BODY.lengthBytes() / 10;

  @RegisterExtension
  final Rig rig = Rig.with().remote("leaver", "${origin}/base", "fill_after_disconnect: false");

  @ParameterizedTest
  @EnumSource(
      value = Framing.class,
      names = {"LENGTH", "CHUNKED"})
  void leaderLeaves_atATenth_followersGetEverything_andItIsStored(Framing framing) {
    String path = rig.path("left.bin");
    Gate gate = new Gate(TENTH);
    rig.origin().at(path, Content.of(BODY).framed(framing).gated(gate));

    RawClient leader = rig.client();
    readTenth(leader, path);
    gate.awaitReached();
    List<RawClient> followers = List.of(rig.client(), rig.client(), rig.client());
    List<Head> heads =
        followers.stream().map(f -> f.request("GET", Rig.target(path)).head()).toList();
    leader.abort();
    gate.release();

    for (int i = 0; i < followers.size(); i++) {
      Download got = Download.finish(followers.get(i), heads.get(i), BODY);
      followers.get(i).close();
      assertThat(got.head().source()).isEqualTo("remote");
      assertThat(got.wholeAndRight(BODY.lengthBytes())).as(got.toString()).isTrue();
    }
    rig.awaitStored(path);
    assertThat(download(path).head().source()).isEqualTo("cache");
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  private Download download(String path) {
    try (RawClient client = rig.client()) {
      return Download.get(client, Rig.target(path), BODY);
    }
  }

  private static void readTenth(RawClient client, String path) {
    Head head = client.request("GET", Rig.target(path)).head();
    Body.Check check = BODY.checkFrom(0);
    client.drain(head, "GET", (bytes, n) -> check.accept(bytes, n) && check.rightBytes() < TENTH);
    assertThat(check.rightBytes()).isEqualTo(TENTH);
  }

  @Test
  void leaderLeaves_alone_theFillGoesOn_andTheNextClientHits() {
    String path = rig.path("alone.bin");
    Gate gate = new Gate(TENTH);
    rig.origin().at(path, Content.of(BODY).gated(gate));

    RawClient leader = rig.client();
    readTenth(leader, path);
    leader.abort();
    gate.release();
    rig.awaitStored(path);
    Download next = download(path);

    assertThat(next.head().source()).isEqualTo("cache");
    assertThat(next.wholeAndRight(BODY.lengthBytes())).as(next.toString()).isTrue();
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void leaderLeaves_whereFillsMayNotOutliveTheirClients_theFetchEnds() throws Exception {
    String path = rig.path("dropped.bin");
    Content slow = Content.of(BODY).broken(new Fault.SlowBytes(2 << 20));
    CountDownLatch givenUp = new CountDownLatch(1);
    rig.origin().at(path, exchange -> answerAndTell(slow, exchange, givenUp));
    String target = "/api/v1/remote/leaver" + path;

    try (RawClient leader = rig.client()) {
      leader.request("GET", target).head();
      leader.abort();
    }
    assertThat(givenUp.await(8, TimeUnit.SECONDS)).as("the upstream was given up").isTrue();
    rig.awaitIdle();
    rig.origin().at(path, Content.of(BODY));
    Answer again = rig.getTarget(target);

    assertThat(again.head().source()).isEqualTo("remote");
    assertThat(again.mismatch(BODY.bytes())).isEqualTo(-1);
  }

  private static void answerAndTell(Content content, Exchange exchange, CountDownLatch failed)
      throws IOException {
    try {
      content.answer(exchange);
    } catch (IOException e) {
      failed.countDown();
      throw e;
    }
  }

  @Test
  void followersLeave_theLeaderNoticesNothing() {
    String path = rig.path("followers-left.bin");
    Gate gate = new Gate(TENTH);
    rig.origin().at(path, Content.of(BODY).gated(gate));
    Background<Download> leader = Background.start(() -> download(path));
    gate.awaitReached();

    for (int i = 0; i < 10; i++) {
      RawClient follower = rig.client();
      readTenth(follower, path);
      follower.abort();
    }
    gate.release();

    assertThat(leader.join().wholeAndRight(BODY.lengthBytes())).isTrue();
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }
}
