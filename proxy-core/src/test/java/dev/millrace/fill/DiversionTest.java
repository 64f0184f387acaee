package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk fails in the middle of a body: its readers get the rest past it. */
@Timeout(120)
final class DiversionTest {
  private static final int PIECE_BYTES = 100_000;
  private static final int PIECES = 6;
  private static final byte[] BODY = body(PIECES * PIECE_BYTES);
  private static final byte[] OTHER = body(PIECES * PIECE_BYTES + 1);
  private static final String TAG = "\"a\"";

  private final FillFixture fixture;

  DiversionTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
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

  private static Script whole(byte[] body) {
    return Script.of(tagged(Script.withLength(body.length)))
        .body(body, PIECE_BYTES)
        .end(BodyEnd.LENGTH_MET);
  }

  private static Script rest(byte[] body, int from) {
    FetchHead head = Script.head(206, body.length - from, Framing.LENGTH);
    head.headers()
        .set("Content-Range", "bytes " + from + "-" + (body.length - 1) + "/" + body.length);
    return Script.of(tagged(head))
        .body(Arrays.copyOfRange(body, from, body.length), PIECE_BYTES)
        .end(BodyEnd.LENGTH_MET);
  }

  /** Lets the disk fail at the third piece; what the reader had by then is its beginning. */
  private Fill divert(HeadRule rule, Script... turns) {
    return divertAt(5, rule, turns);
  }

  private Fill divertAt(int call, HeadRule rule, Script... turns) {
    fixture.upstream.script("a", turns);
    FillTable.Lead lead = fixture.lead(order("a", rule));
    FillReader reader = fixture.reader(lead.fill()).start();
    // Asked for space, staged; then the pieces are written.
    fixture.stored.storage().countWrites();
    fixture.stored.faults().plan(call, Faults.Mode.ONCE);
    lead.fill().start();
    FillReader.Seen seen = seen(reader);
    assertThat(fixture.stored.faults().failedCall()).isEqualTo("write");
    assertThat(seen.ending()).isEqualTo(Ending.DIVERTED);
    assertBytes(seen.bytes(), Arrays.copyOf(BODY, 2 * PIECE_BYTES));
    return lead.fill();
  }

  private static RelaySink.Relayed fetched(Fill fill, long first, long end) {
    RelaySink relay = new RelaySink();
    assertThat(fill.diversion().fetch(first, first, end, relay)).isTrue();
    return StoreFixture.get(relay.relayed());
  }

  private void assertRest(RelaySink.Relayed got, int first, int end) {
    assertThat(got.end()).isEqualTo(BodyEnd.LENGTH_MET);
    assertBytes(got.body(), Arrays.copyOfRange(BODY, first, end));
    assertThat(fixture.events.failures).isEmpty();
    assertThat(fixture.events.degraded).hasValue(1);
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  @Test
  void rest_isAskedForUnderTheTag() {
    Fill fill = divert(storing(), whole(BODY), rest(BODY, 2 * PIECE_BYTES));

    assertRest(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE), 2 * PIECE_BYTES, BODY.length);
    assertThat(fixture.upstream.last().request().part())
        .isEqualTo(new FetchRequest.Part(2 * PIECE_BYTES, Long.MAX_VALUE, TAG));
  }

  @Test
  void readerThatIsBehind_asksFromWhereItIs() {
    Fill fill = divert(storing(), whole(BODY), rest(BODY, 1_000));

    assertRest(fetched(fill, 1_000, Long.MAX_VALUE), 1_000, BODY.length);
  }

  @Test
  void partOfTheRest_endsTheFetch() {
    Fill fill = divert(storing(), whole(BODY), rest(BODY, 250_000));

    assertRest(fetched(fill, 250_000, 270_000), 250_000, 270_000);
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
  }

  @Test
  void upstreamWithoutRanges_isReadToThere() {
    Fill fill = divert(storing(), whole(BODY), whole(BODY));

    assertRest(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE), 2 * PIECE_BYTES, BODY.length);
  }

  @Test
  void promisedDigest_isProvenByWhatIsInTheFile_andTheRest() {
    HeadRule promised = storing(StoreFixture.digestOf(BODY));
    Fill fill = divert(promised, whole(BODY), rest(BODY, 2 * PIECE_BYTES));

    assertRest(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE), 2 * PIECE_BYTES, BODY.length);
    assertThat(fixture.upstream.last().request().part())
        .isEqualTo(new FetchRequest.Part(2 * PIECE_BYTES, Long.MAX_VALUE, null));
  }

  @Test
  void promisedDigest_behindTheFrontier_isProvenByTheWhole() {
    HeadRule promised = storing(StoreFixture.digestOf(BODY));
    Fill fill = divert(promised, whole(BODY), whole(BODY));

    assertRest(fetched(fill, 1_000, Long.MAX_VALUE), 1_000, BODY.length);
    assertThat(fixture.upstream.last().request().part()).isNull();
  }

  /** A whole that is right now says nothing of the beginning that this reader got then. */
  @Test
  void readerThatHasHadUnhashedBytes_getsNoRestUnderAPromise() {
    Fill fill = divert(storing(StoreFixture.digestOf(BODY)), whole(BODY), whole(BODY));

    assertThat(fill.diversion().fetch(0, 1_000, Long.MAX_VALUE, new RelaySink())).isFalse();
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  /** OC02, with a disk that fails before it. */
  @Test
  void wrongRest_underAPromisedDigest_endsBeforeItsEnd() {
    HeadRule promised = storing(StoreFixture.digestOf(BODY));
    Fill fill =
        divert(promised, whole(BODY), rest(Arrays.copyOf(OTHER, BODY.length), 2 * PIECE_BYTES));

    RelaySink.Relayed got = fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE);

    assertThat(got.failure()).isEqualTo(FetchFailure.DIGEST_MISMATCH);
    assertThat(got.body())
        .hasSizeLessThanOrEqualTo(4 * PIECE_BYTES - Limits.HOLD_BACK_BYTES)
        .hasSizeGreaterThan(PIECE_BYTES);
    assertThat(fixture.events.mismatches).hasValue(1);
  }

  @Test
  void brokenRest_isAFailure() {
    Script broken =
        Script.of(tagged(Script.withLength(BODY.length)))
            .body(Arrays.copyOf(BODY, 3 * PIECE_BYTES), PIECE_BYTES)
            .broken(FetchFailure.RESET);
    Fill fill = divert(storing(StoreFixture.digestOf(BODY)), whole(BODY), broken);

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.RESET);
  }

  @Test
  void shortRest_isAFailure() {
    Script cut =
        Script.of(tagged(Script.chunked()))
            .body(Arrays.copyOf(BODY, 3 * PIECE_BYTES), PIECE_BYTES)
            .end(BodyEnd.LAST_CHUNK);
    Fill fill = divert(storing(), whole(BODY), cut);

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.CLOSED_EARLY);
  }

  /** Without a length, a close may be the end or a cut. */
  @Test
  void restThatOnlyTheCloseEnds_isAFailure() {
    Script begun =
        Script.of(tagged(Script.chunked())).body(BODY, PIECE_BYTES).end(BodyEnd.LAST_CHUNK);
    Script closed =
        Script.of(tagged(Script.untilClose()))
            .body(Arrays.copyOf(BODY, 3 * PIECE_BYTES), PIECE_BYTES)
            .end(BodyEnd.CLOSED);
    // Room for a body of unknown length is asked for as it comes.
    Fill fill = divertAt(6, storing(), begun, closed);

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.STORAGE);
  }

  /** The range was ignored, and nobody compares what comes with what the reader has. */
  @Test
  void wholeWithoutAName_isAFailure() {
    Fill fill = divert(storing(), whole(BODY), Script.whole(OTHER, PIECE_BYTES));

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure()).isNotNull();
    Fill same = divert(storing(), whole(BODY), Script.whole(BODY, PIECE_BYTES));
    assertThat(fetched(same, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.STORAGE);
  }

  @Test
  void moreThanTheRest_isAFailure_andIsNotHeld() {
    FetchHead head = Script.head(206, -1, Framing.CHUNKED);
    head.headers()
        .set("ETag", TAG)
        .set(
            "Content-Range",
            "bytes " + 2 * PIECE_BYTES + "-" + (BODY.length - 1) + "/" + BODY.length);
    Script more =
        Script.of(head)
            .body(Arrays.copyOfRange(BODY, 2 * PIECE_BYTES, BODY.length), PIECE_BYTES)
            .body(OTHER, PIECE_BYTES)
            .end(BodyEnd.LAST_CHUNK);
    for (HeadRule rule : new HeadRule[] {storing(), storing(StoreFixture.digestOf(BODY))}) {
      Fill fill = divert(rule, whole(BODY), more);

      assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
          .isEqualTo(FetchFailure.LENGTH_MISMATCH);
    }
  }

  /** It was let at unproven while the fill ran, and a proof would cost the whole. */
  @Test
  void partThatMissesTheTail_needsNoProof() {
    HeadRule promised = storing(StoreFixture.digestOf(BODY));
    Fill fill = divert(promised, whole(BODY), rest(BODY, 250_000));

    assertRest(fetched(fill, 250_000, 270_000), 250_000, 270_000);
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
  }

  @Test
  void answerThatIsNoPart_isAFailure() {
    Script absent = Script.of(Script.head(404, 0, Framing.LENGTH));
    Fill fill = divert(storing(), whole(BODY), absent);

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.STORAGE);
    assertThat(fixture.upstream.last().isCancelled()).isTrue();
  }

  @Test
  void replacedBody_isAFailure() {
    FetchHead replaced = Script.withLength(BODY.length);
    replaced.headers().set("ETag", "\"b\"");
    Fill fill = divert(storing(), whole(BODY), Script.of(replaced));

    assertThat(fetched(fill, 2 * PIECE_BYTES, Long.MAX_VALUE).failure())
        .isEqualTo(FetchFailure.CHANGED);
  }

  @Test
  void nothingNamesTheBody_andNothingIsAsked() {
    Fill fill = divert(storing(), Script.whole(BODY, PIECE_BYTES));

    assertThat(fill.diversion().fetch(0, 2 * PIECE_BYTES, Long.MAX_VALUE, new RelaySink()))
        .isFalse();
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  @Test
  void readerThatLeaves_givesBackWhatIsKept() {
    Script held =
        Script.of(tagged(Script.withLength(BODY.length)))
            .body(Arrays.copyOf(BODY, 5 * PIECE_BYTES), PIECE_BYTES)
            .nextRead()
            .piece(BODY, 5 * PIECE_BYTES, 90_000)
            .hold();
    Fill fill = divert(storing(StoreFixture.digestOf(BODY)), whole(BODY), held);
    RelaySink relay = new RelaySink();
    fill.diversion().fetch(0, 2 * PIECE_BYTES, Long.MAX_VALUE, relay);
    fixture.await("it is held", () -> fixture.upstream.last().isHeld());

    relay.leave();

    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
  }
}
