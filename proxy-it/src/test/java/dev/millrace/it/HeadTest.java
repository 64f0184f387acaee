package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** HEAD never moves a body. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HeadTest {
  private static final Body BODY = Body.random(1_000_000, 51);

  @RegisterExtension final Rig rig = Rig.with("negative_ttl: 1");

  @Test
  void head_onAMiss_asksTheUpstreamByHead_andStoresNothing() {
    String path = rig.path("miss.bin");
    rig.origin().at(path, Content.of(BODY).etag("\"m\"").with("Content-Type: a/b"));
    long bodyBytes = rig.origin().bodyBytes();

    Answer head = rig.head(path);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.head().contentLength()).isEqualTo(BODY.lengthBytes());
    assertThat(head.head().first("ETag")).isEqualTo("\"m\"");
    assertThat(head.head().first("Content-Type")).isEqualTo("a/b");
    assertThat(rig.origin().received(path)).extracting(Received::method).containsExactly("HEAD");
    assertThat(rig.origin().bodyBytes()).isEqualTo(bodyBytes);
    assertThat(rig.get(path).head().source()).isEqualTo("remote");
  }

  @Test
  void head_onAHit_asksNobody() {
    String path = rig.path("hit.bin");
    rig.origin().at(path, Content.of(BODY).etag("\"h\"").with("Content-Type: a/b"));
    rig.get(path);
    rig.awaitStored(path);
    int before = rig.origin().received(path).size();

    Answer head = rig.head(path);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.head().source()).isEqualTo("cache");
    assertThat(head.head().contentLength()).isEqualTo(BODY.lengthBytes());
    assertThat(head.head().first("ETag")).isEqualTo("\"h\"");
    assertThat(head.head().first("Content-Type")).isEqualTo("a/b");
    assertThat(rig.origin().received(path)).hasSize(before);
  }

  @Test
  void head_duringAFill_isAnsweredFromIt_withoutABody() {
    String path = rig.path("live.bin");
    Gate gate = new Gate(500_000);
    rig.origin().at(path, Content.of(BODY).etag("\"l\"").gated(gate));

    try (RawClient leader = rig.client();
        RawClient other = rig.client()) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Answer head = other.request("HEAD", Rig.target(path)).read("HEAD");
      other.request("HEAD", Rig.target(path));
      Answer again = other.read("HEAD");

      assertThat(leaderHead.status()).isEqualTo(200);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.head().contentLength()).isEqualTo(BODY.lengthBytes());
      assertThat(again.status()).isEqualTo(200);
      assertThat(rig.origin().gets(path)).isEqualTo(1);
    } finally {
      gate.release();
    }
  }

  @Test
  void head_sendsNoByteAfterItsHead_theNextAnswerFollowsAtOnce() {
    String path = rig.path("next.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);

    try (RawClient client = rig.client()) {
      client.request("HEAD", Rig.target(path)).request("GET", Rig.target(path));
      Answer head = client.read("HEAD");
      Answer get = client.read("GET");

      assertThat(head.status()).isEqualTo(200);
      assertThat(get.mismatch(BODY.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void head_ofWhatTheUpstreamDoesNotHave_is404() {
    String path = rig.path("none.bin");

    assertThat(rig.head(path).status()).isEqualTo(404);
  }

  @Test
  void head_answered404_whereGetHasABody_spoilsNoGet() {
    String path = rig.path("head-404.bin");
    Content content = Content.of(BODY);
    rig.origin()
        .at(
            path,
            exchange -> {
              boolean head = exchange.request().method().equals("HEAD");
              (head ? Script.status(404) : content).answer(exchange);
            });

    assertThat(rig.head(path).status()).isEqualTo(404);
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void head_whereTheUpstreamKnowsNoHead_isPassedOn_andSpoilsNoGet() {
    String path = rig.path("no-head.bin");
    Content content = Content.of(BODY);
    rig.origin()
        .at(
            path,
            exchange -> {
              boolean head = exchange.request().method().equals("HEAD");
              (head ? Script.status(405, "Allow: GET") : content).answer(exchange);
            });

    assertThat(rig.head(path).status()).isIn(200, 405, 502);
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
  }
}
