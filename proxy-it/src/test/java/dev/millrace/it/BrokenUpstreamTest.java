package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The upstream breaks in the middle of a body: it never looks complete and is never kept. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrokenUpstreamTest {
  private static final Body BODY = Body.random(2 << 20, 21);
  private static final long HALF = BODY.lengthBytes() / 2;

  @RegisterExtension
  final Rig rig =
      Rig.with("idle_timeout: 1", "upstream_response_header_timeout: 2")
          .limits("resume_wait: 200ms");

  /** A fault under a name for the report. */
  record Case(String name, Content content) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> faults() {
    Content length = Content.of(BODY);
    Content chunked = length.framed(Framing.CHUNKED);
    return Stream.of(
        new Case("cut at 50 %, length", length.broken(new Fault.CutAfter(HALF))),
        new Case("cut at 50 %, chunked", chunked.broken(new Fault.CutAfter(HALF))),
        new Case("cut before the last chunk", chunked.broken(new Fault.CutAfter(2 << 20))),
        new Case("cut one byte before the end", length.broken(new Fault.CutAfter((2 << 20) - 1))),
        new Case("cut after the head", length.broken(new Fault.CutAfter(0))),
        new Case("reset at 50 %, length", length.broken(new Fault.Reset(HALF))),
        new Case("reset at 50 %, chunked", chunked.broken(new Fault.Reset(HALF))),
        new Case("length one too long", length.broken(new Fault.WrongLength(1))),
        new Case("length a lot too long", length.broken(new Fault.WrongLength(5_000_000))),
        new Case("bad chunk size", chunked.broken(new Fault.BadChunk(HALF))),
        new Case("bad chunk size at the end", chunked.broken(new Fault.BadChunk(2 << 20))),
        new Case("stall, length", length.broken(new Fault.Stall(HALF))),
        new Case("stall, chunked", chunked.broken(new Fault.Stall(HALF))));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void brokenBody_isSeenByLeaderAndFollower_isNotStored_andTheNextRequestSucceeds(Case broken) {
    String path = rig.path("broken.bin");
    Gate gate = new Gate(0);
    rig.origin().at(path, broken.content().gated(gate));

    try (RawClient leader = rig.client();
        RawClient follower = rig.client()) {
      Head first = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Head second = follower.request("GET", Rig.target(path)).head();
      gate.release();
      assertVisiblyBroken(Download.finish(leader, first, BODY));
      assertVisiblyBroken(Download.finish(follower, second, BODY));
    }
    assertNothingStored(path);
  }

  private static void assertVisiblyBroken(Download got) {
    if (got.status() == 200) {
      assertThat(got.end().visiblyBroken()).as(got.toString()).isTrue();
      assertThat(got.wrongAtBytes()).isEqualTo(-1);
    } else {
      assertThat(got.status()).isIn(502, 504);
    }
  }

  private void assertNothingStored(String path) {
    rig.awaitIdle();
    int before = rig.origin().gets(path);
    rig.origin().at(path, Content.of(BODY));
    Answer next = rig.get(path);

    assertThat(next.status()).isEqualTo(200);
    assertThat(next.head().source()).isEqualTo("remote");
    assertThat(next.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.origin().gets(path)).isEqualTo(before + 1);
    rig.awaitStored(path);
    rig.folder().checkBlobs();
  }

  /** The surplus comes with the last byte announced, so the announcement is seen to be wrong. */
  @Test
  void lengthTooShort_isVisiblyBroken_andNotStored() {
    String path = rig.path("short.bin");
    Content small = Content.of(Body.random(8000, 22));
    rig.origin().at(path, small.broken(new Fault.WrongLength(-1000)));

    Answer first = rig.get(path);

    assertThat(first.status() == 502 || first.end().visiblyBroken()).as(first.toString()).isTrue();
    assertNothingStored(path);
  }

  /** One segment brings the last byte announced and more: no reader is given that byte. */
  @ParameterizedTest
  @ValueSource(strings = {"X-Plain: 1", "Cache-Control: no-store"})
  void surplusBesideTheLastByte_isVisiblyBroken_storedOrRelayed(String field) {
    String path = rig.path("surplus.bin");
    int announced = (int) BODY.lengthBytes() - 1000;
    rig.origin()
        .at(
            path,
            exchange -> {
              exchange.send(
                  "HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: " + announced + "\r\n\r\n");
              exchange.sendBody(BODY.bytes(), announced - 1);
              exchange.send(BODY.slice(announced - 1, 200));
            });

    for (int i = 0; i < 5; i++) {
      Answer answer = rig.get(path);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.end().visiblyBroken()).as(answer.toString()).isTrue();
      assertThat(answer.body().length).isLessThan(announced);
    }
    assertNothingStored(path);
  }

  /**
   * Where the surplus comes later than the end that was announced, it must at least harm nobody.
   */
  @Test
  void lengthTooShortOfALargeBody_endsAtWhatWasAnnounced_atTheMost() {
    String path = rig.path("short.bin");
    String other = rig.path("other.bin");
    rig.origin()
        .at(path, Content.of(BODY).broken(new Fault.WrongLength(-1000)))
        .at(other, Content.of("other"));

    Answer first = rig.get(path);

    if (first.status() == 200 && first.whole()) {
      assertThat(first.mismatch(BODY.slice(0, (int) BODY.lengthBytes() - 1000))).isEqualTo(-1);
    } else {
      assertThat(first.status() == 502 || first.end().visiblyBroken()).isTrue();
    }
    assertThat(rig.get(other).text()).isEqualTo("other");
  }

  @ParameterizedTest
  @MethodSource("faults")
  void brokenBody_towardsHttp10_isResetWhereNoLengthTellsTheEnd(Case broken) {
    String path = rig.path("ten.bin");
    rig.origin().at(path, broken.content());

    try (RawClient client = rig.client()) {
      client.send("GET " + Rig.target(path) + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
      Head head = client.headOrNull();
      if (head == null) {
        assertThat(client.lastEnd().visiblyBroken()).isTrue();
        return;
      }
      Download got = Download.finish(client, head, BODY);
      if (head.status() == 200 && head.contentLength() < 0) {
        assertThat(got.end()).isEqualTo(End.RESET);
      } else {
        assertVisiblyBroken(got);
      }
    }
  }

  @Test
  void closeDelimitedBody_isRelayed_butNeverStored() {
    String path = rig.path("close.bin");
    rig.origin().at(path, Content.of(BODY).framed(Framing.CLOSE));

    Answer first = rig.get(path);
    Answer second = rig.get(path);

    assertThat(first.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(second.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(second.head().source()).isEqualTo("remote");
    assertThat(rig.origin().gets(path)).isEqualTo(2);
    rig.awaitIdle();
  }

  @Test
  void closeDelimitedBody_withAKnownDigest_isStored() {
    String path = rig.path("close-digest.bin");
    rig.origin().at(path, Content.of(BODY).framed(Framing.CLOSE).with(reprDigest(BODY.sha256())));

    Answer first = rig.get(path);
    rig.awaitStored(path);

    assertThat(first.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.get(path).head().source()).isEqualTo("cache");
  }

  @Test
  void closeDelimitedCut_withAKnownDigest_isVisiblyBroken() {
    String path = rig.path("close-cut.bin");
    Content content = Content.of(BODY).framed(Framing.CLOSE).with(reprDigest(BODY.sha256()));
    rig.origin().at(path, content.broken(new Fault.CutAfter(HALF)));

    Answer first = rig.get(path);

    assertThat(first.status() == 502 || first.end().visiblyBroken()).as(first.toString()).isTrue();
    assertNothingStored(path);
  }

  @Test
  void wrongDigest_holdsBackTheLastBytes_forLeaderAndFollower() {
    String path = rig.path("wrong-digest.bin");
    Gate gate = new Gate(HALF);
    String otherDigest = Body.text("something else").sha256();
    rig.origin().at(path, Content.of(BODY).with(reprDigest(otherDigest)).gated(gate));

    Background<Answer> leader = Background.start(() -> rig.get(path));
    gate.awaitReached();
    Background<Answer> follower = Background.start(() -> rig.get(path));
    gate.release();

    for (Background<Answer> one : List.of(leader, follower)) {
      Answer got = one.join();
      assertThat(got.status() == 502 || got.end().visiblyBroken()).as(got.toString()).isTrue();
      assertThat((long) got.body().length).isLessThan(BODY.lengthBytes());
    }
    rig.awaitIdle();
    rig.origin().at(path, Content.of(BODY).with(reprDigest(BODY.sha256())));
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void refusedConnection_is502_andTheNextRequestSucceeds() {
    String path = rig.path("reset-before-head.bin");
    rig.origin().at(path, exchange -> exchange.reset());

    Answer first = rig.get(path);

    assertThat(first.status()).isEqualTo(502);
    assertNothingStored(path);
  }

  private static String reprDigest(String hex) {
    byte[] digest = HexFormat.of().parseHex(hex);
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }
}
