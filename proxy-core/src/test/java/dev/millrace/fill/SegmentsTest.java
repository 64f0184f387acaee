package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.config.Limits.SEGMENT_BYTES;
import static dev.millrace.config.Limits.SEGMENT_BYTES_MIN;
import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWholeOrStored;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RangeRequest;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings;
import dev.millrace.config.RemoteSettings.CompletePartial;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers far ahead of what comes in order, and parts of a body that nobody wants whole. */
@Timeout(120)
final class SegmentsTest {
  private static final int MIB = 1 << 20;
  // So long that a machine that stands still for a moment breaks nothing.
  private static final Duration RESUME_WAIT = Duration.ofSeconds(2);
  private static final byte[] BODY = body(20 * MIB + 12_345);
  private static final int FAR = 15 * MIB;

  private final FillFixture fixture;

  SegmentsTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data, FillFixture.BUDGET_BYTES, RESUME_WAIT);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private static RangedUpstream upstream() {
    return new RangedUpstream(BODY);
  }

  private static RangeRequest span(long first, long end) {
    return new RangeRequest.Span(first, end - 1);
  }

  private static RemoteSettings settings(CompletePartial when) {
    return new RemoteDraft().completePartial(when).settings();
  }

  private FillReader startPart(
      RangedUpstream upstream, CompletePartial when, HeadRule rule, long first, long end) {
    fixture.upstream.answer("a", upstream);
    FillOrder order = order("a", rule, settings(when), span(first, end));
    Fill fill = fixture.lead(order).fill();
    FillReader reader = new FillReader(fill, fixture.loops.next(), first).until(end).start();
    fill.start();
    return reader;
  }

  /** The whole is asked for, and comes to a stand near its beginning. */
  private FillReader startWhole(RangedUpstream upstream, HeadRule rule) {
    fixture.upstream.answer("a", upstream.holdingWholeAt(MIB));
    FillReader reader = fixture.start(order("a", rule));
    fixture.await("it stands", () -> fixture.upstream.fetches().getFirst().isHeld());
    return reader;
  }

  private FillReader part(long first, long end) {
    return fixture.joined("a", first).until(end).start();
  }

  private void assertPart(FillReader reader, int first, int end) {
    FillReader.Seen seen = seen(reader);
    assertThat(seen.ending()).as("%s", fixture.events.failures).isEqualTo(Ending.END);
    assertBytes(seen.bytes(), Arrays.copyOfRange(BODY, first, end));
  }

  /** The least that is asked for from there. */
  private static FetchRequest.Part part(long first, @Nullable String tag) {
    return new FetchRequest.Part(first, first + SEGMENT_BYTES_MIN, tag);
  }

  private void goOn() {
    fixture.upstream.fetches().getFirst().goOn();
  }

  private List<FetchRequest.Part> askedParts() {
    return fixture.upstream.fetches().stream()
        .map(fetch -> fetch.request().part())
        .filter(part -> part != null)
        .toList();
  }

  private void assertStored() {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a").orElseThrow().digest())
        .isEqualTo(StoreFixture.digestOf(BODY));
  }

  private void assertNotStored() {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  @Test
  void readerFarAhead_getsAFetchOfItsOwn_andTheRestIsFetchedOnce() {
    FillReader whole = startWhole(upstream(), storing(StoreFixture.digestOf(BODY)));

    assertPart(part(FAR, FAR + 100_000), FAR, FAR + 100_000);

    assertThat(askedParts()).containsExactly(part(FAR, RangedUpstream.TAG));
    goOn();
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
    // The first fetch ended where the segment begins; what follows it came in steps.
    assertThat(fixture.upstream.sentBytes()).isLessThan(BODY.length + (128 << 10));
    assertThat(fixture.upstream.fetches().getFirst().isCancelled()).isTrue();
  }

  @Test
  void withoutAPromise_thePartIsAskedForUnderTheTag() {
    FillReader whole = startWhole(upstream(), storing());

    assertPart(part(FAR, FAR + 100_000), FAR, FAR + 100_000);

    assertThat(askedParts()).containsExactly(part(FAR, RangedUpstream.TAG));
    goOn();
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @Test
  void readerNearby_waitsForTheFetchInOrder() {
    FillReader whole = startWhole(upstream(), storing());

    FillReader near = part(MIB + 1_000, MIB + 2_000);
    fixture.await("it waits", near::isWaiting);
    assertThat(askedParts()).isEmpty();
    goOn();

    assertPart(near, MIB + 1_000, MIB + 2_000);
    assertWholeOrStored(seen(whole), BODY);
  }

  @Test
  void readersOfTheSamePart_shareIt() {
    FillReader whole = startWhole(upstream(), storing());

    List<FillReader> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      readers.add(part(FAR + i, FAR + 500_000));
    }
    for (int i = 0; i < 20; i++) {
      assertPart(readers.get(i), FAR + i, FAR + 500_000);
    }

    long sent = fixture.upstream.sentBytes();
    assertThat(sent).isLessThan(MIB + 500_000 + (256 << 10));
    goOn();
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @Test
  void tail_isGivenWhenItsFetchHasEnded() {
    FillReader whole = startWhole(upstream(), storing());

    assertPart(part(BODY.length - 5_000, BODY.length), BODY.length - 5_000, BODY.length);

    goOn();
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @Test
  void tailUnderAPromise_waitsForTheProof() {
    FillReader whole = startWhole(upstream(), storing(StoreFixture.digestOf(BODY)));

    int first = BODY.length - 2 * HOLD_BACK_BYTES;
    FillReader tail = part(first, BODY.length);
    fixture.await("what is not held back", () -> tail.takenBytes() == HOLD_BACK_BYTES);
    goOn();

    assertWholeOrStored(seen(whole), BODY);
    assertPart(tail, first, BODY.length);
    assertStored();
  }

  @Test
  void wrongDigest_neverLooksWhole() {
    FillReader whole = startWhole(upstream(), storing(StoreFixture.digestOf(body(5))));
    FillReader tail = part(FAR, BODY.length);
    goOn();

    FillFixture.assertBroken(seen(whole), BODY);
    assertThat(seen(tail).ending()).isEqualTo(Ending.FAILED);
    assertThat(seen(tail).bytes().length).isLessThanOrEqualTo(BODY.length - FAR - HOLD_BACK_BYTES);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.DIGEST_MISMATCH);
    assertNotStored();
  }

  @Test
  void upstreamWithoutParts_isReadInOrder() {
    FillReader whole = startWhole(upstream().withoutParts(), storing());

    FillReader far = part(FAR, FAR + 1_000);
    fixture.await("the part was refused", () -> fixture.upstream.last().isCancelled());
    goOn();

    assertPart(far, FAR, FAR + 1_000);
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @Test
  void partOfAnotherBody_isNotTaken() {
    FillReader whole = startWhole(upstream().taggingParts("\"b\""), storing());

    FillReader far = part(FAR, FAR + 1_000);
    fixture.await("the part was refused", () -> fixture.upstream.last().isCancelled());
    goOn();

    assertPart(far, FAR, FAR + 1_000);
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @Test
  void partThatBreaksOff_isGoneOnWith() {
    FillReader whole = startWhole(upstream().cuttingPartsAt(200_000), storing());

    assertPart(part(FAR, FAR + 500_000), FAR, FAR + 500_000);

    assertThat(fixture.events.resumes.get()).isGreaterThanOrEqualTo(1);
    goOn();
    assertWholeOrStored(seen(whole), BODY);
    assertStored();
  }

  @ParameterizedTest
  @ValueSource(ints = {10 * MIB, 20 * MIB})
  void coldPart_isAskedForAlone_andNothingElse(int first) {
    FillReader reader =
        startPart(upstream(), CompletePartial.AUTO, storing(), first, first + 9_999);

    assertPart(reader, first, first + 9_999);

    long most = Math.min(SEGMENT_BYTES_MIN, BODY.length - first);
    fixture.await("it came", () -> fixture.upstream.sentBytes() == most);
    assertThat(askedParts()).containsExactly(part(first, null));
    fixture.table().abandonAll("the end of the test");
    assertNotStored();
  }

  @Test
  void coldPartAgain_comesFromTheFile() {
    FillReader reader = startPart(upstream(), CompletePartial.AUTO, storing(), FAR, FAR + 9_999);
    assertPart(reader, FAR, FAR + 9_999);

    assertPart(part(FAR + 10, FAR + 5_000), FAR + 10, FAR + 5_000);
    assertPart(part(1_000, 2_000), 1_000, 2_000);
    assertPart(part(FAR + 5_000, FAR + 300_000), FAR + 5_000, FAR + 300_000);
    // Side by side, as a lazy client takes them: not each a request.
    for (int first = FAR; first < FAR + 500_000; first += 5_000) {
      assertPart(part(first, first + 5_000), first, first + 5_000);
    }

    assertThat(askedParts())
        .containsExactly(
            part(FAR, null),
            part(1_000, RangedUpstream.TAG),
            part(FAR + SEGMENT_BYTES_MIN, RangedUpstream.TAG));
    fixture.table().abandonAll("the end of the test");
    assertNotStored();
  }

  @Test
  void moreThanHalf_isCompleted() {
    FillReader reader =
        startPart(upstream(), CompletePartial.AUTO, storing(), 9 * MIB, BODY.length);

    assertPart(reader, 9 * MIB, BODY.length);

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
  }

  @Test
  void aThird_isCompletedIfTheRemoteSaysSo() {
    FillReader reader = startPart(upstream(), CompletePartial.ALWAYS, storing(), FAR, FAR + 10);

    assertPart(reader, FAR, FAR + 10);

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
  }

  @Test
  void allButABit_isNotCompletedIfTheRemoteSaysSo_butItIsOnceThatIsAskedForToo() {
    FillReader reader =
        startPart(upstream(), CompletePartial.NEVER, storing(), 300_000, BODY.length);
    assertPart(reader, 300_000, BODY.length);
    assertThat(fixture.table().running()).hasSize(1);

    assertPart(part(0, 300_000), 0, 300_000);

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
  }

  @Test
  void wholeAskedForLater_isFilledUp() {
    FillReader reader = startPart(upstream(), CompletePartial.AUTO, storing(), FAR, FAR + 9_999);
    assertPart(reader, FAR, FAR + 9_999);

    assertWholeOrStored(seen(fixture.follow("a", 0)), BODY);

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
  }

  @Test
  void coldPartOfAnUpstreamWithoutParts_isServedFromTheWhole() {
    FillReader reader =
        startPart(upstream().withoutParts(), CompletePartial.AUTO, storing(), FAR, FAR + 9_999);

    assertPart(reader, FAR, FAR + 9_999);

    fixture.await("its way or its end", () -> fixture.upstream.sentBytes() > FAR);
    assertStored();
  }

  @Test
  void coldPartThatNothingNames_isServedFromTheWhole() {
    RangedUpstream named = upstream();
    fixture.upstream.answer("a", request -> named.apply(request).without("ETag"));
    Fill fill =
        fixture
            .lead(order("a", storing(), settings(CompletePartial.AUTO), span(FAR, FAR + 10)))
            .fill();
    FillReader reader = new FillReader(fill, fixture.loops.next(), FAR).until(FAR + 10).start();
    fill.start();

    assertPart(reader, FAR, FAR + 10);
    assertStored();
    assertThat(fixture.upstream.last().request().part()).isNull();
  }

  @Test
  void partThatNobodyReads_makesPlaceForAnotherFill() {
    fixture.newTable(1);
    FillReader reader = startPart(upstream(), CompletePartial.AUTO, storing(), FAR, FAR + 9_999);
    assertPart(reader, FAR, FAR + 9_999);
    fixture.await("nobody reads", () -> fixture.running("a").readerCount() == 0);

    byte[] other = body(100_000);
    fixture.upstream.script("b", Script.whole(other, 50_000));
    assertWholeOrStored(seen(fixture.start(order("b", storing()))), other);

    assertNotStored();
  }

  @Test
  void firstPart_endsTheFetchOfTheWholeWhenNobodyReads() {
    fixture.upstream.answer("a", upstream().holdingWholeAt(MIB));
    FillOrder order = order("a", storing(), settings(CompletePartial.AUTO), span(0, 100));
    Fill fill = fixture.lead(order).fill();
    FillReader reader = new FillReader(fill, fixture.loops.next(), 0).until(100).start();
    fill.start();
    assertPart(reader, 0, 100);

    fixture.await("it ended", () -> fixture.upstream.last().isCancelled());
    assertPart(part(FAR, FAR + 100), FAR, FAR + 100);
    fixture.table().abandonAll("the end of the test");
    assertNotStored();
  }

  @Test
  void parallelFetches_bringTheWhole() {
    fixture.upstream.answer("a", upstream());
    RemoteSettings remote = new RemoteDraft().parallelSegments(3).settings();
    FillReader reader = fixture.start(order("a", storing(StoreFixture.digestOf(BODY)), remote));

    assertWholeOrStored(seen(reader), BODY);

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
    assertThat(askedParts())
        .containsExactly(
            new FetchRequest.Part(0, SEGMENT_BYTES, null),
            new FetchRequest.Part(SEGMENT_BYTES, 2L * SEGMENT_BYTES, RangedUpstream.TAG),
            new FetchRequest.Part(2L * SEGMENT_BYTES, BODY.length, RangedUpstream.TAG));
  }

  @Test
  void parallelFetchesOfAShortBody_areOne() {
    byte[] small = body(30_000);
    fixture.upstream.answer("a", new RangedUpstream(small));
    RemoteSettings remote = new RemoteDraft().parallelSegments(3).settings();
    FillReader reader = fixture.start(order("a", storing(), remote));

    assertWholeOrStored(seen(reader), small);
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  @Test
  void upstreamThatGoesAway_breaksWhoWaitsForAPart() {
    FillReader reader = startPart(upstream(), CompletePartial.AUTO, storing(), FAR, FAR + 9_999);
    assertPart(reader, FAR, FAR + 9_999);
    fixture.upstream.answer("a", request -> Script.headless(FetchFailure.REFUSED));

    FillReader next = part(1_000, 2_000);

    assertThat(seen(next).ending()).isEqualTo(Ending.FAILED);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.REFUSED);
    assertNotStored();
  }
}
