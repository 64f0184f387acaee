package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the product does whatever drives its sockets: the few situations whose bytes go another way
 * in each transport. Everything else runs on the transport that the machine picks.
 */
interface AnyTransport {
  /** A body whose transfer takes many turns of a loop. */
  Body BODY = Body.random(12 << 20, 181);

  /** A product on the transport under test. */
  Rig rig();

  /** What the product calls the transport. */
  String name();

  /** The log of the process names the transport. */
  @Test
  default void transport_isTheOneAskedFor() {
    assertThat(rig().millrace().said(" loops on " + name())).as(rig().dump()).isTrue();
  }

  /** Both answers are the upstream's bytes. */
  @Test
  default void firstGetIsAMiss_secondAHit() {
    String path = rig().path("twelve.bin");
    rig().origin().at(path, Content.of(BODY));

    Answer first = rig().get(path);
    rig().awaitStored(path);
    Answer second = rig().get(path);

    assertThat(first.head().source()).isEqualTo("remote");
    assertThat(second.head().source()).isEqualTo("cache");
    for (Answer answer : new Answer[] {first, second}) {
      assertThat(answer.whole()).isTrue();
      assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
    }
    assertThat(rig().origin().gets(path)).isEqualTo(1);
  }

  /** One part lies across the frontier of the fill, one part of the hit at each end. */
  @Test
  default void ranges_insideAFillAndOfAHit_areTheirBytes() {
    String path = rig().path("ranges.bin");
    Gate gate = new Gate(4 << 20);
    rig().origin().at(path, Content.of(BODY).gated(gate));
    int length = (int) BODY.lengthBytes();

    try (RawClient leader = rig().client();
        RawClient across = rig().client()) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      across.request("GET", Rig.target(path), "Range: bytes=4000000-4999999");
      gate.release();

      assertPart(across.read("GET"), 4_000_000, 1_000_000);
      assertThat(Download.finish(leader, leaderHead, BODY).wholeAndRight(length)).isTrue();
    }
    rig().awaitStored(path);
    assertPart(rig().get(path, "Range: bytes=0-0"), 0, 1);
    assertPart(rig().get(path, "Range: bytes=-5000000"), length - 5_000_000, 5_000_000);
  }

  private static void assertPart(Answer answer, int from, int length) {
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.mismatch(BODY.slice(from, length))).isEqualTo(-1);
  }

  /** The follower gets everything, and it is stored. */
  @Test
  default void leaderThatLeaves_harmsNobody() {
    String path = rig().path("left.bin");
    Gate gate = new Gate(1 << 20);
    rig().origin().at(path, Content.of(BODY).gated(gate));

    RawClient leader = rig().client();
    leader.request("GET", Rig.target(path)).head();
    gate.awaitReached();
    try (RawClient follower = rig().client()) {
      Head head = follower.request("GET", Rig.target(path)).head();
      leader.abort();
      gate.release();

      Download got = Download.finish(follower, head, BODY);
      assertThat(got.wholeAndRight(BODY.lengthBytes())).as(got.toString()).isTrue();
    }
    rig().awaitStored(path);
    assertThat(rig().origin().gets(path)).isEqualTo(1);
  }

  /** It reads on from the file when the fill has long ended. */
  @Test
  default void slowReader_thatJoinedALiveFill_getsEverything() {
    String path = rig().path("slow.bin");
    Gate gate = new Gate(1 << 20);
    rig().origin().at(path, Content.of(BODY).gated(gate));

    try (RawClient leader = rig().client();
        RawClient slow = RawClient.connect(rig().millrace().port(), 64 * 1024)) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Head head = slow.request("GET", Rig.target(path)).head();
      slow.readingAt(4 << 20);
      Body.Check check = BODY.checkFrom(0);
      End begun = slow.drain(head, "GET", (bytes, n) -> check.accept(bytes, n) && half(check));
      gate.release();
      assertThat(Download.finish(leader, leaderHead, BODY).wholeAndRight(BODY.lengthBytes()))
          .isTrue();
      rig().awaitStored(path);

      assertThat(begun).isEqualTo(End.STOPPED);
      assertThat(head.source()).isEqualTo("remote");
      assertThat(slow.drain(rest(check), "GET", check)).isEqualTo(End.WHOLE);
      assertThat(check.reachedEnd()).as("wrong at " + check.wrongAtBytes()).isTrue();
    }
  }

  private static boolean half(Body.Check check) {
    return check.rightBytes() < 512 * 1024;
  }

  /** A head for what is still to come of a body whose reading was stopped. */
  private static Head rest(Body.Check check) {
    long left = BODY.lengthBytes() - check.rightBytes();
    return Head.parse(List.of("HTTP/1.1 200 OK", "Content-Length: " + left));
  }
}
