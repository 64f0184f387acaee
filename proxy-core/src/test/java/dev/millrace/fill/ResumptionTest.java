package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBroken;
import static dev.millrace.fill.FillFixture.assertWhole;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static dev.millrace.fill.FillFixture.storingForEver;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that its upstream breaks off goes on where it stands, or fails; never is it spliced. */
@Timeout(120)
final class ResumptionTest {
  private static final int PIECE_BYTES = 30_000;
  private static final int PIECES = 8;
  private static final byte[] BODY = body(PIECES * PIECE_BYTES);
  private static final byte[] OTHER = body(PIECES * PIECE_BYTES + 1);
  private static final String TAG = "\"a\"";

  private final FillFixture fixture;

  ResumptionTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private static FetchHead tagged(FetchHead head) {
    head.headers().set("ETag", TAG);
    return head;
  }

  private static Script pieces(Script script, byte[] body, int from, int to) {
    for (int i = from; i < to; i++) {
      script.nextRead().piece(body, i * PIECE_BYTES, PIECE_BYTES);
    }
    return script;
  }

  /** The whole as far as that many pieces, then a reset. */
  private static Script begun(int pieces) {
    return pieces(Script.of(tagged(Script.withLength(BODY.length))), BODY, 0, pieces)
        .broken(FetchFailure.RESET);
  }

  private static FetchHead partHead(int from, int to) {
    FetchHead head = Script.head(206, (long) (to - from) * PIECE_BYTES, Framing.LENGTH);
    int last = to * PIECE_BYTES - 1;
    head.headers()
        .set("Content-Range", "bytes " + from * PIECE_BYTES + "-" + last + "/" + BODY.length);
    return tagged(head);
  }

  private static Script part(int from, int to) {
    return pieces(Script.of(partHead(from, to)), BODY, from, to).end(BodyEnd.LENGTH_MET);
  }

  private FillReader.Seen run(HeadRule rule, Script... turns) {
    fixture.upstream.script("a", turns);
    return seen(fixture.start(order("a", rule)));
  }

  private List<FetchRequest.Part> rests() {
    return fixture.upstream.fetches().stream().map(fetch -> fetch.request().part()).toList();
  }

  private void assertStored() {
    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    assertThat(fixture.stored.find("a").orElseThrow().digest())
        .isEqualTo(StoreFixture.digestOf(BODY));
  }

  private void assertFailed(FillReader.Seen seen, FetchFailure reason) {
    assertBroken(seen, BODY);
    assertThat(fixture.events.failures).containsExactly(reason);
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  /** At every piece, and in a body that was not to be longer than memory (none came). */
  @Test
  void restComesByRange_andTheBodyIsWhole() {
    for (int n = 1; n < PIECES; n++) {
      String path = "p" + n;
      fixture.upstream.script(path, begun(n), part(n, PIECES));

      FillReader leader = fixture.start(order(path, storing()));

      assertWhole(seen(leader), BODY);
      assertThat(fixture.upstream.last().request().part())
          .isEqualTo(new FetchRequest.Part((long) n * PIECE_BYTES, Long.MAX_VALUE, TAG));
    }
    assertThat(fixture.events.resumes).hasValue(PIECES - 1);
    assertThat(fixture.events.failures).isEmpty();
  }

  @Test
  void eachPieceByAFetchOfItsOwn_isWhole() {
    Script[] turns = new Script[PIECES];
    turns[0] = begun(1);
    for (int i = 1; i < PIECES; i++) {
      Script script = pieces(Script.of(partHead(i, PIECES)), BODY, i, i + 1);
      turns[i] = i == PIECES - 1 ? script.end(BodyEnd.LENGTH_MET) : script.broken(reasonOf(i));
    }

    assertWhole(run(storing(), turns), BODY);
    assertStored();
    assertThat(rests()).hasSize(PIECES);
  }

  private static FetchFailure reasonOf(int turn) {
    return switch (turn % 3) {
      case 0 -> FetchFailure.RESET;
      case 1 -> FetchFailure.IDLE_TIMEOUT;
      default -> FetchFailure.CLOSED_EARLY;
    };
  }

  /** A server may send less of a range than was asked for (RFC 9110 §15.3.7). */
  @Test
  void lessThanTheRest_isAskedForAgain() {
    assertWhole(run(storing(), begun(2), part(2, 5), part(5, PIECES)), BODY);
    assertStored();
    assertThat(fixture.events.failures).isEmpty();
  }

  @Test
  void wholeInsteadOfTheRest_isCompared_andGoesOnWhereItIsNew() {
    Script whole =
        pieces(Script.of(tagged(Script.withLength(BODY.length))), BODY, 0, PIECES)
            .end(BodyEnd.LENGTH_MET);

    assertWhole(run(storing(), begun(3), whole), BODY);
    assertStored();
  }

  @Test
  void wholeInChunks_isComparedToo() {
    Script whole = pieces(Script.of(Script.chunked()), BODY, 0, PIECES).end(BodyEnd.LAST_CHUNK);

    assertWhole(run(storingForEver(), begun(3), whole), BODY);
    assertStored();
  }

  /** The comparison itself breaks off: what follows is put where it belongs. */
  @Test
  void wholeThatBreaksWhileItIsCompared_isFollowedByTheRest() {
    Script whole =
        pieces(Script.of(tagged(Script.withLength(BODY.length))), BODY, 0, 2)
            .broken(FetchFailure.RESET);

    assertWhole(run(storing(), begun(4), whole, part(4, PIECES)), BODY);
    assertStored();
  }

  /** Every piece is zeros, so that nothing but the place tells one from another. */
  @Test
  void wholeThatBreaksWhileItIsCompared_losesNothingOfAUniformBody() {
    byte[] zeros = new byte[BODY.length];
    FetchHead rest = partHead(4, PIECES);
    fixture.upstream.script(
        "z",
        pieces(Script.of(tagged(Script.chunked())), zeros, 0, 4).broken(FetchFailure.RESET),
        pieces(Script.of(tagged(Script.chunked())), zeros, 0, 2).broken(FetchFailure.RESET),
        pieces(Script.of(rest), zeros, 4, PIECES).end(BodyEnd.LENGTH_MET));

    assertWhole(seen(fixture.start(order("z", storing()))), zeros);
  }

  @Test
  void allOfItInTheComparison_butItsEnd_isAskedForAgain() {
    Script compared =
        pieces(Script.of(tagged(Script.withLength(BODY.length))), BODY, 0, 3)
            .broken(FetchFailure.CLOSED_EARLY);

    assertWhole(run(storing(), begun(5), compared, compared, part(5, PIECES)), BODY);
  }

  /** Nothing is missing but the last chunk, and the upstream says so. */
  @Test
  void nothingBehindWhatCame_isTheEnd() {
    FetchHead none = Script.head(416, 0, Framing.LENGTH);
    none.headers().set("Content-Range", "bytes */" + BODY.length);
    Script begun =
        pieces(Script.of(tagged(Script.chunked())), BODY, 0, PIECES).broken(FetchFailure.RESET);

    assertWhole(run(storing(), begun, Script.of(none)), BODY);
    assertStored();
  }

  @Test
  void restThatOnlyTheCloseEnds_isWholeWhenItsRangeIsMet() {
    FetchHead head = Script.head(206, -1, Framing.CLOSE);
    head.headers()
        .set("ETag", TAG)
        .set(
            "Content-Range",
            "bytes " + 3 * PIECE_BYTES + "-" + (BODY.length - 1) + "/" + BODY.length);
    Script rest = pieces(Script.of(head), BODY, 3, PIECES).end(BodyEnd.CLOSED);

    assertWhole(run(storing(), begun(3), rest), BODY);
    assertStored();
  }

  @Test
  void moreThanTheRest_ofABodyOfUnknownLength_isNotTaken() {
    FetchHead head = Script.head(206, -1, Framing.CHUNKED);
    head.headers()
        .set("ETag", TAG)
        .set(
            "Content-Range",
            "bytes " + 3 * PIECE_BYTES + "-" + (BODY.length - 1) + "/" + BODY.length);
    Script begun =
        pieces(Script.of(tagged(Script.chunked())), BODY, 0, 3).broken(FetchFailure.RESET);
    Script more =
        pieces(Script.of(head), BODY, 3, PIECES)
            .nextRead()
            .piece(OTHER, 0, 100)
            .end(BodyEnd.LAST_CHUNK);

    FillReader.Seen seen = run(storing(), begun, more);

    assertThat(seen.ending()).isEqualTo(FillReader.Ending.FAILED);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.LENGTH_MISMATCH);
  }

  /** CK17: no parts of two bodies in one. */
  @Test
  void wholeThatBeginsOtherwise_isNotTaken() {
    Script other =
        pieces(Script.of(Script.withLength(BODY.length)), OTHER, 0, PIECES).end(BodyEnd.LENGTH_MET);
    Script begun =
        pieces(Script.of(Script.withLength(BODY.length)), BODY, 0, 3).broken(FetchFailure.RESET);

    assertFailed(run(storingForEver(), begun, other), FetchFailure.CHANGED);
  }

  @Test
  void wholeThatEndsBeforeTheBreak_isNotTaken() {
    Script begun = pieces(Script.of(Script.chunked()), BODY, 0, 3).broken(FetchFailure.RESET);
    Script shorter = pieces(Script.of(Script.chunked()), BODY, 0, 2).end(BodyEnd.LAST_CHUNK);

    assertFailed(run(storingForEver(), begun, shorter), FetchFailure.CHANGED);
  }

  @Test
  void replacedBody_fails() {
    FetchHead replaced = Script.withLength(BODY.length);
    replaced.headers().set("ETag", "\"b\"");
    Script other = pieces(Script.of(replaced), BODY, 0, PIECES).end(BodyEnd.LENGTH_MET);

    assertFailed(run(storing(), begun(3), other), FetchFailure.CHANGED);
    assertThat(fixture.upstream.last().isCancelled()).isTrue();
  }

  @Test
  void wrongRest_isFoundByItsDigest() {
    Script wrong = pieces(Script.of(partHead(3, PIECES)), OTHER, 3, PIECES).end(BodyEnd.LENGTH_MET);

    FillReader.Seen seen = run(storing(StoreFixture.digestOf(BODY)), begun(3), wrong);

    assertThat(seen.ending()).isEqualTo(FillReader.Ending.FAILED);
    assertThat(seen.bytes()).hasSizeLessThanOrEqualTo(BODY.length - Limits.HOLD_BACK_BYTES);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.DIGEST_MISMATCH);
    assertThat(rests().getLast())
        .isEqualTo(new FetchRequest.Part(3 * PIECE_BYTES, Long.MAX_VALUE, null));
  }

  @Test
  void moreThanTheRest_isNotTaken() {
    Script more =
        pieces(Script.of(partHead(3, PIECES)), BODY, 3, PIECES)
            .piece(OTHER, 0, 1)
            .end(BodyEnd.LENGTH_MET);

    assertFailed(run(storing(), begun(3), more), FetchFailure.LENGTH_MISMATCH);
  }

  /** Mutable, and nothing names it: what came later may be of another body. */
  @Test
  void nothingVouchesForTheRest_fails() {
    Script begun =
        pieces(Script.of(Script.withLength(BODY.length)), BODY, 0, 3).broken(FetchFailure.RESET);

    assertFailed(run(storing(), begun, part(3, PIECES)), FetchFailure.RESET);
    assertThat(fixture.events.resumes).hasValue(0);
  }

  @Test
  void bodyThatHadNotBegun_isAskedForAgain() {
    Script begun = Script.of(Script.withLength(BODY.length)).nextRead().broken(FetchFailure.RESET);
    Script whole = Script.whole(BODY, PIECE_BYTES);

    assertWhole(run(storing(), begun, whole), BODY);
    assertStored();
    assertThat(rests()).containsExactly(null, null);
  }

  @Test
  void triesWithoutProgress_areBounded() {
    Script nothing = Script.of(partHead(3, PIECES)).nextRead().broken(FetchFailure.CLOSED_EARLY);

    assertFailed(run(storing(), begun(3), nothing), FetchFailure.CLOSED_EARLY);
    assertThat(fixture.events.resumes).hasValue(Limits.RESUME_TRIES_MAX);
  }

  /** One byte for each fetch is no progress, or a body could be dripped for ever. */
  @Test
  void dripping_isBounded() {
    Script[] turns = new Script[Limits.RESUME_TRIES_MAX + 2];
    turns[0] = begun(3);
    for (int i = 1; i < turns.length; i++) {
      int from = 3 * PIECE_BYTES + i - 1;
      FetchHead head = Script.head(206, BODY.length - from, Framing.LENGTH);
      head.headers()
          .set("Content-Range", "bytes " + from + "-" + (BODY.length - 1) + "/" + BODY.length);
      turns[i] = Script.of(head).nextRead().piece(BODY, from, 1).broken(FetchFailure.RESET);
    }

    assertFailed(run(storing(), turns), FetchFailure.RESET);
    assertThat(fixture.events.resumes).hasValue(Limits.RESUME_TRIES_MAX);
  }

  @Test
  void fetchesThatFailBeforeTheirHead_areTries() {
    assertFailed(
        run(storing(), begun(3), Script.headless(FetchFailure.REFUSED)), FetchFailure.REFUSED);
    assertThat(fixture.events.resumes).hasValue(Limits.RESUME_TRIES_MAX);
  }

  @Test
  void upstreamThatComesBack_isResumed() {
    assertWhole(
        run(
            storing(),
            begun(3),
            Script.headless(FetchFailure.REFUSED),
            Script.of(Script.head(503, 0, Framing.LENGTH)),
            Script.headless(FetchFailure.HEAD_TIMEOUT),
            part(3, PIECES)),
        BODY);
    assertStored();
  }

  @Test
  void askedToWaitForLonger_thanAReaderMay_fails() {
    FetchHead later = Script.head(503, 0, Framing.LENGTH);
    later.headers().set("Retry-After", "30");

    assertFailed(run(storing(), begun(3), Script.of(later)), FetchFailure.RESET);
    assertThat(fixture.events.resumes).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 410, 416})
  void answerThatIsNoBody_ends(int status) {
    assertFailed(
        run(storing(), begun(3), Script.of(Script.head(status, 0, Framing.LENGTH))),
        FetchFailure.RESET);
    assertThat(fixture.events.resumes).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "BAD_MESSAGE",
        "EXTRA_BYTES",
        "TOO_SLOW",
        "SHUTDOWN",
      })
  void faultThatIsNoBreak_fails(FetchFailure reason) {
    Script begun =
        pieces(Script.of(tagged(Script.withLength(BODY.length))), BODY, 0, 3).broken(reason);

    assertFailed(run(storing(), begun, part(3, PIECES)), reason);
    assertThat(fixture.events.resumes).hasValue(0);
  }

  /** An upstream that takes the connection and says nothing. */
  @Test
  void silence_isGivenUpWithinTheWait() {
    Script silent = new Script().hold();

    assertFailed(run(storing(), begun(3), silent), FetchFailure.RESET);
  }

  @Test
  void headAfterTheWait_isNotHeard() {
    Script late = pieces(new Script().hold().then(partHead(3, PIECES)), BODY, 3, PIECES);

    assertFailed(run(storing(), begun(3), late), FetchFailure.RESET);
    fixture.upstream.last().goOn();
    fixture.await("given up", () -> fixture.upstream.last().isCancelled());
  }

  @Test
  void abandonedWhileItWaits_fails() {
    fixture.upstream.script("a", begun(3), new Script().hold());
    FillReader leader = fixture.start(order("a", storing()));
    fixture.await("the second fetch", () -> fixture.upstream.fetches().size() == 2);

    fixture.running("a").abandon(FetchFailure.SHUTDOWN, "by test");

    assertFailed(seen(leader), FetchFailure.SHUTDOWN);
    fixture.upstream.last().goOn();
  }

  /** A small body is received into memory; broken off, it goes on in a file. */
  @Test
  void smallBody_isResumedToo() {
    byte[] small = body(9_000);
    FetchHead head = tagged(Script.withLength(small.length));
    FetchHead rest = Script.head(206, 5_000, Framing.LENGTH);
    rest.headers().set("Content-Range", "bytes 4000-8999/9000");
    fixture.upstream.script(
        "a",
        Script.of(head).nextRead().piece(small, 0, 4_000).broken(FetchFailure.CLOSED_EARLY),
        Script.of(rest).nextRead().piece(small, 4_000, 5_000).end(BodyEnd.LENGTH_MET));

    assertWhole(seen(fixture.start(order("a", storing()))), small);
    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
  }

  @Test
  void smallBodyThatNothingVouchesFor_failsBeforeItsHeadIsKnown() {
    byte[] small = body(9_000);
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(small.length))
            .nextRead()
            .piece(small, 0, 4_000)
            .broken(FetchFailure.CLOSED_EARLY));

    FillReader.Seen seen = seen(fixture.start(order("a", storing())));

    assertThat(seen.ending()).isEqualTo(FillReader.Ending.FAILED);
    assertThat(seen.bytes()).isEmpty();
  }

  /** Nobody can be given what was not written: the leader is told, and nothing stays reserved. */
  @Test
  void noFileForABodyThatBrokeOff_failsTheLeader() {
    fixture.threads.hold();
    fixture.stored.faults().plan(1, Faults.Mode.ONCE);
    FillOrder order = order("a", storing());
    fixture.upstream.script("a", begun(1), part(1, PIECES));
    fixture.start(order);
    fixture.await("the second fetch", () -> fixture.upstream.fetches().size() == 2);
    fixture.threads.letGo();

    assertThat(FillFixture.relayed(order).failure()).isEqualTo(FetchFailure.RESET);
  }
}
