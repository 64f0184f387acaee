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
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The upstream breaks a body off and can go on with it: the same fill asks for the rest, its
 * clients see a pause (contract §2.6, trap CK17).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ResumeTest {
  private static final Body BODY = Body.random(4 << 20, 61);
  private static final Body OTHER = Body.random(4 << 20, 62);
  private static final long HALF = BODY.lengthBytes() / 2;
  private static final String TAG = "\"one\"";
  private static final Content TAGGED = Content.of(BODY).etag(TAG).ranged();

  @RegisterExtension
  final Rig rig =
      Rig.with("idle_timeout: 1", "mutable_patterns: [\"/mutable/\"]").limits("resume_wait: 2s");

  /** What breaks, under a name for the report. */
  record Case(String name, Content content) {
    @Override
    public String toString() {
      return name;
    }

    /** A stall would go on behind a whole rest, and swallow the next request. */
    Script script(Gate gate) {
      Content first = content.gated(gate);
      return content.fault() instanceof Fault.Stall ? turns(first, TAGGED) : first;
    }
  }

  static Stream<Case> breaks() {
    Content digest = Content.of(BODY).with(reprDigest(BODY)).ranged();
    return Stream.of(
        new Case("cut, entity tag", TAGGED.broken(new Fault.CutAfter(1_000_003))),
        new Case("reset, entity tag", TAGGED.broken(new Fault.Reset(1_000_003))),
        new Case("stall, entity tag", TAGGED.broken(new Fault.Stall(HALF))),
        new Case(
            "cut, chunked", TAGGED.framed(Framing.CHUNKED).broken(new Fault.CutAfter(1_000_003))),
        new Case("cut, digest", digest.broken(new Fault.CutAfter(1_000_003))),
        new Case("cut, digest, one byte at the end", digest.broken(new Fault.CutAfter(4194303))),
        new Case(
            "cut, old date",
            Content.of(BODY)
                .with("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")
                .with("Date: Tue, 15 Nov 1994 08:12:31 GMT")
                .ranged()
                .broken(new Fault.CutAfter(HALF))));
  }

  private static String reprDigest(Body body) {
    byte[] digest = HexFormat.of().parseHex(body.sha256());
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  /** The first answer by the first script, and so on; the last one for ever. */
  private static Script turns(Script... scripts) {
    AtomicInteger next = new AtomicInteger();
    return exchange ->
        scripts[Math.min(next.getAndIncrement(), scripts.length - 1)].answer(exchange);
  }

  private void assertWholeAndStored(String path) {
    Answer answer = rig.get(path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).as(answer.toString()).isTrue();
    assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
    rig.awaitStored(path);
    rig.folder().checkBlobs();
  }

  private void assertBrokenAndNotStored(String path) {
    Answer answer = rig.get(path);

    assertThat(answer.status() != 200 || answer.end().visiblyBroken())
        .as(answer.toString())
        .isTrue();
    rig.awaitIdle();
    int before = rig.origin().gets(path);
    rig.origin().at(path, Content.of(BODY));
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.origin().gets(path)).isEqualTo(before + 1);
    rig.folder().checkBlobs();
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void brokenBody_goesOn_forLeaderFollowerAndRange(Case broken) {
    String path = rig.path("goes-on.bin");
    Gate gate = new Gate(0);
    rig.origin().at(path, broken.script(gate));

    try (RawClient leader = rig.client();
        RawClient follower = rig.client();
        RawClient ranged = rig.client()) {
      Head first = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Head second = follower.request("GET", Rig.target(path)).head();
      boolean known = first.contentLength() >= 0;
      Head third = ranged.request("GET", Rig.target(path), "Range: bytes=3000000-").head();
      gate.release();

      assertWhole(Download.finish(leader, first, BODY), BODY.lengthBytes());
      assertWhole(Download.finish(follower, second, BODY), BODY.lengthBytes());
      assertWhole(Download.finish(ranged, third, BODY), known ? 1_194_304 : 4_194_304);
    }
    rig.awaitStored(path);
    rig.folder().checkBlobs();
  }

  private static void assertWhole(Download got, long bytes) {
    assertThat(got.wholeAndRight(bytes)).as(got.toString()).isTrue();
  }

  @Test
  void restIsAskedForByRange_underTheTag() {
    String path = rig.path("asked.bin");
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), TAGGED));

    assertWholeAndStored(path);

    List<Received> asked =
        rig.origin().received(path).stream().filter(r -> r.method().equals("GET")).toList();
    assertThat(asked).hasSize(2);
    assertThat(asked.getFirst().first("Range")).isNull();
    assertThat(asked.getLast().first("Range")).isEqualTo("bytes=" + HALF + "-");
    assertThat(asked.getLast().first("If-Range")).isEqualTo(TAG);
  }

  @Test
  void bytesComeOnce_howeverOftenItBreaks() {
    String path = rig.path("once.bin");
    rig.origin().at(path, TAGGED.broken(new Fault.CutAfter(100_000)));
    long before = rig.origin().bodyBytes();

    assertWholeAndStored(path);

    assertThat(rig.origin().bodyBytes() - before).isEqualTo(BODY.lengthBytes());
    assertThat(rig.origin().gets(path)).isEqualTo(42);
  }

  @Test
  void upstreamWithoutRanges_sendsAgainWhatIsThere_andItIsCompared() {
    String path = rig.path("no-ranges.bin");
    rig.origin().at(path, turns(Content.of(BODY).broken(new Fault.Reset(HALF)), Content.of(BODY)));

    assertWholeAndStored(path);
  }

  @Test
  void upstreamWithoutRanges_thatSendsOtherBytes_isVisiblyBroken() {
    String path = rig.path("other.bin");
    rig.origin()
        .at(path, turns(Content.of(BODY).broken(new Fault.CutAfter(HALF)), Content.of(OTHER)));

    assertBrokenAndNotStored(path);
    assertThat(rig.millrace().said("changed")).as("said in the request log").isTrue();
  }

  @Test
  void replacedWhileItWasFetched_isVisiblyBroken_neverSpliced() {
    String path = rig.path("replaced.bin");
    Content replaced = Content.of(OTHER).etag("\"two\"").ranged();
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), replaced));

    assertBrokenAndNotStored(path);
  }

  /** The upstream says it is the rest of the same body, and it is not. */
  @Test
  void wrongRest_isFoundByTheDigest_andNeverComplete() {
    String path = rig.path("wrong-rest.bin");
    Content begun = Content.of(BODY).with(reprDigest(BODY)).broken(new Fault.CutAfter(HALF));
    rig.origin().at(path, turns(begun, Content.of(OTHER).ranged()));

    assertBrokenAndNotStored(path);
  }

  @Test
  void otherPartThanAskedFor_isVisiblyBroken() {
    String path = rig.path("other-part.bin");
    Script elsewhere =
        exchange -> {
          exchange.send(
              "HTTP/1.1 206 Partial\r\nETag: "
                  + TAG
                  + "\r\nContent-Range: bytes 0-99/4194304\r\nContent-Length: 100\r\n\r\n");
          exchange.sendBody(BODY.slice(0, 100), 100);
        };
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), elsewhere));

    assertBrokenAndNotStored(path);
  }

  @Test
  void outageBetween_isWaitedFor() {
    String path = rig.path("outage.bin");
    rig.origin()
        .at(
            path,
            turns(
                TAGGED.broken(new Fault.CutAfter(HALF)),
                Script.status(503),
                Exchange::reset,
                Script.status(500),
                TAGGED));

    assertWholeAndStored(path);
  }

  @Test
  void upstreamThatStaysAway_isGivenUpInTime() {
    String path = rig.path("away.bin");
    // One that is kept and then reset would be asked once more.
    rig.origin().dropConnections();
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), Exchange::reset));

    assertBrokenAndNotStored(path);
    assertThat(rig.origin().gets(path)).isEqualTo(7);
  }

  /** A signed address ends with its download: the first one is asked for another. */
  @Test
  void redirect_isFollowedAfresh() {
    String path = rig.path("signed.bin");
    AtomicInteger signed = new AtomicInteger();
    rig.origin()
        .at(
            path,
            exchange ->
                exchange.send(
                    "HTTP/1.1 302 Found\r\nLocation: /base"
                        + path
                        + "/file?signature="
                        + signed.incrementAndGet()
                        + "\r\nContent-Length: 0\r\n\r\n"))
        .at(path + "/file?signature=1", TAGGED.broken(new Fault.CutAfter(HALF)))
        .at(path + "/file?signature=2", TAGGED);

    assertWholeAndStored(path);
    assertThat(signed).hasValue(2);
  }

  /** What may change and has no name is not put together, whatever its length. */
  @Test
  void mutableBodyWithoutValidator_isVisiblyBroken() {
    String path = rig.path("mutable/index.bin");
    rig.origin()
        .at(
            path,
            turns(
                Content.of(BODY).ranged().broken(new Fault.CutAfter(HALF)),
                Content.of(BODY).ranged()));

    assertBrokenAndNotStored(path);
    assertThat(rig.origin().gets(path)).isEqualTo(2);
  }

  @Test
  void mutableBodyWithATag_goesOn() {
    String path = rig.path("mutable/tagged.bin");
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), TAGGED));

    assertWholeAndStored(path);
  }

  @Test
  void smallBody_goesOn() throws IOException {
    String path = rig.path("small.bin");
    Content small = Content.of(Body.random(9_000, 63)).etag(TAG).ranged();
    rig.origin().at(path, turns(small.broken(new Fault.CutAfter(4_000)), small));

    Answer answer = rig.get(path);

    assertThat(answer.mismatch(Body.random(9_000, 63).bytes())).isEqualTo(-1);
    rig.awaitStored(path);
  }

  @Test
  void resumes_areCounted() {
    String path = rig.path("counted.bin");
    double before = rig.millrace().metrics().sum("millrace_fills_resumed_total");
    rig.origin().at(path, turns(TAGGED.broken(new Fault.CutAfter(HALF)), TAGGED));

    Background<Answer> client = Background.start(() -> rig.get(path));

    assertThat(client.join().mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.millrace().metrics().sum("millrace_fills_resumed_total")).isEqualTo(before + 1);
  }
}
