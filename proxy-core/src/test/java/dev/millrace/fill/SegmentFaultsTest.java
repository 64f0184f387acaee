package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.fill.FillFixture.assertBroken;
import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWholeOrStored;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RangeRequest;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings.CompletePartial;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Upstreams that change, lie or break while parts of a body are fetched for themselves. */
@Timeout(120)
final class SegmentFaultsTest {
  private static final int MIB = 1 << 20;
  // So long that a machine that stands still for a moment breaks nothing.
  private static final Duration RESUME_WAIT = Duration.ofSeconds(2);
  private static final byte[] BODY = body(20 * MIB + 12_345);
  private static final byte[] OTHER = invertedFrom(0);
  private static final int FAR = 15 * MIB;
  private static final String TAG = RangedUpstream.TAG;

  private final FillFixture fixture;

  SegmentFaultsTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data, FillFixture.BUDGET_BYTES, RESUME_WAIT);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.table().abandonAll("the end of the test");
    fixture.close();
  }

  private static byte[] invertedFrom(int first) {
    byte[] inverted = BODY.clone();
    for (int i = first; i < inverted.length; i++) {
      inverted[i] ^= 0x5a;
    }
    return inverted;
  }

  private static Script bytes(Script script, byte[] body, int first, int end) {
    for (int at = first; at < end; at += 64 << 10) {
      script.nextRead().piece(body, at, Math.min(64 << 10, end - at));
    }
    return script;
  }

  private static FetchHead tagged(FetchHead head, String tag) {
    head.headers().set("ETag", tag);
    return head;
  }

  private static FetchHead partHead(FetchRequest.Part part, String tag) {
    int first = first(part);
    int end = end(part);
    FetchHead head = Script.head(206, end - first, Framing.LENGTH);
    head.headers().set("Content-Range", "bytes " + first + "-" + (end - 1) + "/" + BODY.length);
    return tagged(head, tag);
  }

  private static int first(FetchRequest.Part part) {
    return Math.toIntExact(part.firstByte());
  }

  private static int end(FetchRequest.Part part) {
    return (int) Math.min(part.end(), BODY.length);
  }

  private static Script part(FetchRequest.Part part) {
    return bytes(Script.of(partHead(part, TAG)), BODY, first(part), end(part))
        .end(BodyEnd.LENGTH_MET);
  }

  private static Script whole(byte[] body, String tag) {
    return bytes(Script.of(tagged(Script.withLength(body.length), tag)), body, 0, body.length)
        .end(BodyEnd.LENGTH_MET);
  }

  /** The whole, which stands still after a mebibyte. */
  private static Script standing() {
    Script script = bytes(Script.of(tagged(Script.withLength(BODY.length), TAG)), BODY, 0, MIB);
    return bytes(script.hold(), BODY, MIB, BODY.length).end(BodyEnd.LENGTH_MET);
  }

  private void answer(Function<FetchRequest.Part, Script> parts) {
    fixture.upstream.answer(
        "a", request -> request.part() == null ? standing() : parts.apply(request.part()));
  }

  private FillReader startWhole(HeadRule rule) {
    FillReader reader = fixture.start(order("a", rule));
    fixture.await("it stands", () -> firstFetch().isHeld());
    return reader;
  }

  private FillReader startPart(CompletePartial when, HeadRule rule, long first, long end) {
    FillOrder order =
        order(
            "a",
            rule,
            new RemoteDraft().completePartial(when).settings(),
            new RangeRequest.Span(first, end - 1));
    Fill fill = fixture.lead(order).fill();
    FillReader reader = new FillReader(fill, fixture.loops.next(), first).until(end).start();
    fill.start();
    return reader;
  }

  private ScriptedFetcher.Fetch firstFetch() {
    return fixture.upstream.fetches().getFirst();
  }

  private List<ScriptedFetcher.Fetch> heldParts() {
    return fixture.upstream.fetches().stream()
        .skip(1)
        .filter(ScriptedFetcher.Fetch::isHeld)
        .toList();
  }

  private static void assertPart(FillReader reader, int first, int end) {
    assertThat(seen(reader).ending()).isEqualTo(Ending.END);
    assertBytes(seen(reader).bytes(), Arrays.copyOfRange(BODY, first, end));
  }

  private void assertNotStored() {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  /** If-Range fails, and the new body comes from its first byte on, by a name that says nothing. */
  @Test
  void anotherWholeWhereThePartFromTheFirstByteWasAskedFor_isNotTaken() {
    answer(part -> part.firstByte() >= FAR ? part(part) : whole(OTHER, "W/\"b\""));
    assertPart(startPart(CompletePartial.AUTO, storing(), FAR, FAR + 10_000), FAR, FAR + 10_000);

    FillReader.Seen whole = seen(fixture.follow("a", 0));

    assertThat(whole.ending()).isEqualTo(Ending.FAILED);
    assertThat(whole.bytes()).isEmpty();
    assertThat(fixture.events.failures).containsExactly(FetchFailure.RANGE_MISMATCH);
    assertNotStored();
  }

  /** The first fetch has passed the place, and ended elsewhere: what is there stays. */
  @Test
  void partThatComesLate_isNotWrittenOverWhatCameInOrder() {
    int late = 2 * MIB;
    int next = 4 * MIB;
    answer(part ->
        first(part) == late
            ? bytes(new Script().hold().then(partHead(part, TAG)), OTHER, first(part), end(part))
                .end(BodyEnd.LENGTH_MET)
            : part(part));
    FillReader whole = startWhole(storing(StoreFixture.digestOf(BODY)));
    FillReader first = fixture.joined("a", late).until(late + 500_000).start();
    fixture.await("it is asked for", () -> !heldParts().isEmpty());
    assertPart(fixture.joined("a", next).until(next + 100_000).start(), next, next + 100_000);

    firstFetch().goOn();
    fixture.await("it has ended", () -> firstFetch().isCancelled());
    assertPart(first, late, late + 500_000);
    fixture.upstream.fetches().get(1).goOn();

    assertWholeOrStored(seen(whole), BODY);
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a").orElseThrow().digest())
        .isEqualTo(StoreFixture.digestOf(BODY));
  }

  /** What begins anew is compared as far as it came in order, and no farther. */
  @Test
  void anotherWholeUnderParts_isNotGoneOnWith() {
    byte[] newer = invertedFrom(10 * MIB);
    fixture.upstream.answer(
        "a",
        request -> {
          FetchRequest.Part part = request.part();
          if (part == null) {
            Script script =
                bytes(Script.of(tagged(Script.withLength(BODY.length), TAG)), BODY, 0, MIB).hold();
            return bytes(script, BODY, MIB, 5 * MIB).broken(FetchFailure.RESET);
          }
          return part.firstByte() == FAR ? part(part) : whole(newer, "W/\"b\"");
        });
    FillReader whole = startWhole(storing());
    assertPart(fixture.joined("a", FAR).until(FAR + 10_000).start(), FAR, FAR + 10_000);

    firstFetch().goOn();

    assertBroken(seen(whole), BODY);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.CHANGED);
    assertNotStored();
  }

  /** The promise is of the whole; what a reader gets before that needs a name of its own. */
  @Test
  void partOfAnotherName_isNotTakenUnderAPromiseEither() {
    answer(part ->
        bytes(Script.of(partHead(part, "\"b\"")), OTHER, first(part), end(part))
            .end(BodyEnd.LENGTH_MET));
    FillReader whole = startWhole(storing(StoreFixture.digestOf(BODY)));
    FillReader far = fixture.joined("a", FAR).until(FAR + 10_000).start();
    fixture.await("it was refused", () -> fixture.upstream.last().isCancelled());
    firstFetch().goOn();

    assertPart(far, FAR, FAR + 10_000);
    assertWholeOrStored(seen(whole), BODY);
  }

  @Test
  void promiseAloneOfWhatMayChange_vouchesForNoPart() {
    fixture.upstream.answer("a", request -> standing().without("ETag"));
    FillReader whole = startWhole(storing(StoreFixture.digestOf(BODY)));
    FillReader far = fixture.joined("a", FAR).until(FAR + 10_000).start();
    fixture.await("it waits", far::isWaiting);
    firstFetch().goOn();

    assertPart(far, FAR, FAR + 10_000);
    assertWholeOrStored(seen(whole), BODY);
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  /** The first fetch goes over what came of the part, and compares it. */
  @Test
  void partThatBreaksAndIsRefused_leavesTheFirstFetchAlone() {
    answer(part ->
        first(part) == FAR
            ? bytes(Script.of(partHead(part, TAG)), BODY, FAR, FAR + (128 << 10))
                .broken(FetchFailure.RESET)
            : whole(OTHER, "\"b\""));
    FillReader whole = startWhole(storing());
    FillReader far = fixture.joined("a", FAR).until(FAR + 500_000).start();
    fixture.await(
        "it was refused",
        () -> fixture.upstream.fetches().size() == 3 && fixture.upstream.last().isCancelled());
    firstFetch().goOn();

    assertWholeOrStored(seen(whole), BODY);
    assertPart(far, FAR, FAR + 500_000);
    assertThat(fixture.events.failures).isEmpty();
  }

  @Test
  void partThatWasOtherwise_failsTheFillWhenTheFirstFetchComesThere() {
    answer(part ->
        first(part) == FAR
            ? bytes(Script.of(partHead(part, TAG)), OTHER, FAR, FAR + (128 << 10))
                .broken(FetchFailure.RESET)
            : whole(OTHER, "\"b\""));
    FillReader whole = startWhole(storing());
    FillReader far = fixture.joined("a", FAR).until(FAR + 500_000).start();
    fixture.await(
        "it was refused",
        () -> fixture.upstream.fetches().size() == 3 && fixture.upstream.last().isCancelled());
    firstFetch().goOn();

    assertThat(seen(whole).ending()).isEqualTo(Ending.FAILED);
    assertThat(seen(far).ending()).isEqualTo(Ending.FAILED);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.CHANGED);
    assertNotStored();
  }

  /** What comes behind the end says that the end was not to be believed. */
  @Test
  void partWithExtraBytes_failsTheFill() {
    answer(part ->
        bytes(Script.of(partHead(part, TAG)), BODY, FAR, FAR + (128 << 10))
            .broken(FetchFailure.EXTRA_BYTES));
    FillReader whole = startWhole(storing());
    FillReader far = fixture.joined("a", FAR).until(FAR + 500_000).start();

    assertThat(seen(far).ending()).isEqualTo(Ending.FAILED);
    assertBroken(seen(whole), BODY);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.EXTRA_BYTES);
    assertNotStored();
  }

  @Test
  void moreThanTheTail_isNoTail() {
    int first = BODY.length - 50_000;
    fixture.upstream.answer(
        "a",
        request -> {
          FetchHead head = Script.head(206, -1, Framing.CHUNKED);
          head.headers()
              .set("Content-Range", "bytes " + first + "-" + (BODY.length - 1) + "/" + BODY.length);
          Script script = bytes(Script.of(tagged(head, TAG)), BODY, first, BODY.length);
          return bytes(script, OTHER, 0, 100_000).end(BodyEnd.LAST_CHUNK);
        });

    FillReader tail = startPart(CompletePartial.AUTO, storing(), first, BODY.length);

    assertThat(seen(tail).ending()).isEqualTo(Ending.FAILED);
    assertThat(seen(tail).bytes().length).isLessThan(50_000);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.LENGTH_MISMATCH);
    assertNotStored();
  }

  @Test
  void leaderThatLeftBeforeTheHead_isMissedWhenItComes() {
    fixture.upstream.answer(
        "a",
        request -> {
          FetchRequest.Part part = request.part();
          return part == null || first(part) < FAR
              ? whole(BODY, TAG)
              : bytes(new Script().hold().then(partHead(part, TAG)), BODY, FAR, end(part))
                  .end(BodyEnd.LENGTH_MET);
        });
    FillReader leader = startPart(CompletePartial.AUTO, storing(), FAR, FAR + 10_000);
    fixture.await("it is asked for", () -> fixture.upstream.last().isHeld());
    leader.leave();
    assertThat(seen(leader).ending()).isEqualTo(Ending.LEFT);
    fixture.upstream.last().goOn();

    Fill fill = fixture.running("a");
    fixture.await("nobody is waited for", fill::dropUnread);
    assertNotStored();
  }

  @Test
  void fillGivenUpBeforeItsHead_asksForNothingMore() {
    answer(part -> new Script().hold().then(partHead(part, TAG)));
    FillReader leader = startPart(CompletePartial.AUTO, storing(), FAR, FAR + 10_000);
    fixture.await("it is asked for", () -> fixture.upstream.last().isHeld());
    fixture.table().abandonAll("the end");
    fixture.upstream.last().goOn();

    assertThat(seen(leader).ending()).isEqualTo(Ending.FAILED);
    assertThat(fixture.upstream.fetches()).hasSize(1);
    assertNotStored();
  }

  @Test
  void rangeBeyondAnyBody_isNotAskedFor() {
    fixture.upstream.script("a", Script.whole(body(1_000), 1_000));
    RangeRequest beyond = new RangeRequest.Span(Long.MAX_VALUE - 1, Long.MAX_VALUE - 1);
    Fill fill = fixture.lead(order("a", storing(), new RemoteDraft().settings(), beyond)).fill();
    fill.start();

    assertThat(fixture.upstream.last().request().part()).isNull();
    fill.leave();
  }

  /** The read that is under way when the staged file cannot be opened belongs to the relay. */
  @Test
  void leaderThatLeavesWhileTheFileCannotBeOpened_leavesNobodyBehind() {
    FetchHead head = tagged(Script.withLength(BODY.length), TAG);
    fixture.upstream.script(
        "a",
        Script.of(head)
            .nextRead()
            .piece(BODY, 0, 64 << 10)
            .hold()
            .nextRead()
            .broken(FetchFailure.RESET));
    fixture.threads.hold();
    fixture.stored.faults().plan(1, Faults.Mode.ONCE);
    FillReader leader = startPart(CompletePartial.AUTO, storing(), 0, 100);
    fixture.await("a read is under way", () -> firstFetch().isHeld());
    FillReader follower = fixture.follow("a", 0);
    fixture.threads.letGo();
    leader.leave();
    assertThat(seen(leader).ending()).isEqualTo(Ending.LEFT);
    firstFetch().goOn();

    assertThat(seen(follower).ending()).isEqualTo(Ending.RELAYED);
    assertNotStored();
  }

  /** Each costs a request, and perhaps a redirect. */
  @Test
  void afterOnePart_theRestIsAskedForInFewSteps() {
    byte[] large = body(80 * MIB);
    fixture.upstream.answer("a", new RangedUpstream(large).holdingWholeAt(MIB));
    FillReader whole = fixture.start(order("a", storing(StoreFixture.digestOf(large))));
    fixture.await("it stands", () -> firstFetch().isHeld());
    FillReader.Seen far = seen(fixture.joined("a", 2 * MIB).until(2 * MIB + 1).start());
    assertThat(far.bytes()).containsExactly(large[2 * MIB]);
    firstFetch().goOn();

    assertWholeOrStored(seen(whole), large);
    // Steps of 8, 16, 32 mebibytes and what is left; step by step they would be ten.
    assertThat(fixture.upstream.fetches().size()).isLessThanOrEqualTo(8);
    assertThat(fixture.upstream.sentBytes()).isLessThan(large.length + HOLD_BACK_BYTES * 4L);
  }

  /** A long step for what nobody waits for gives way to a reader far ahead of it. */
  @Test
  void readerFarAheadInALongStep_doesNotWaitForIt() {
    byte[] large = body(80 * MIB);
    RangedUpstream upstream = new RangedUpstream(large).holdingWholeAt(MIB);
    fixture.upstream.answer(
        "a",
        request -> {
          FetchRequest.Part part = request.part();
          return part != null && part.end() - part.firstByte() == 16 * MIB
              ? upstream.holding(request, MIB)
              : upstream.apply(request);
        });
    FillReader whole = fixture.start(order("a", storing(StoreFixture.digestOf(large))));
    fixture.await("it stands", () -> firstFetch().isHeld());
    seen(fixture.joined("a", 2 * MIB).until(2 * MIB + 1).start());
    firstFetch().goOn();
    fixture.await("a long step stands", () -> !heldParts().isEmpty());
    FetchRequest.Part step = heldParts().getFirst().request().part();
    assert step != null;
    int first = Math.toIntExact(step.end() - MIB);
    FillReader.Seen far = seen(fixture.joined("a", first).until(first + 1_000).start());
    assertBytes(far.bytes(), Arrays.copyOfRange(large, first, first + 1_000));

    heldParts().forEach(ScriptedFetcher.Fetch::goOn);
    assertWholeOrStored(seen(whole), large);
    assertThat(fixture.upstream.sentBytes()).isLessThan(large.length + HOLD_BACK_BYTES * 4L);
  }
}
