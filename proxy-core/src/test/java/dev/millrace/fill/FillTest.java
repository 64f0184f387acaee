package dev.millrace.fill;

import static dev.millrace.config.Limits.FILL_QUEUE_BYTES;
import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.fill.FillFixture.assertBroken;
import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWhole;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.reporting;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a body ends, for its readers and for the store. */
@Timeout(120)
final class FillTest {
  private static final byte[] BODY = body(300_000);
  private static final Digest SHA_256 = StoreFixture.digestOf(BODY);
  private static final Digest OTHER = StoreFixture.digestOf(new byte[0]);

  private final FillFixture fixture;

  FillTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private FillReader run(Script script, HeadRule rule) {
    fixture.upstream.script("a", script);
    return fixture.start(order("a", rule));
  }

  private StoredArtifact stored() {
    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    return fixture.stored.find("a").orElseThrow();
  }

  private void assertNotStored() {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  private void assertFailed(FillReader reader, FetchFailure reason) {
    assertBroken(seen(reader), BODY);
    assertThat(fixture.events.failures).containsExactly(reason);
    assertNotStored();
  }

  private static Script pieces(FetchHead head) {
    return Script.of(head).body(BODY, 70_000);
  }

  @Test
  void lengthMet_isStoredUnderItsDigest() throws IOException {
    FillReader reader = run(Script.whole(BODY, 70_000), storing());

    assertWhole(seen(reader), BODY);
    StoredArtifact artifact = stored();
    assertThat(artifact.digest()).isEqualTo(SHA_256);
    assertThat(artifact.sizeBytes()).isEqualTo(BODY.length);
    assertThat(artifact.proof()).isEqualTo(Proof.LENGTH);
    assertBytes(fixture.stored.read(SHA_256), BODY);
    assertThat(fixture.upstream.fetches()).hasSize(1);
    assertThat(fixture.events.heads).hasValue(1);
    assertThat(fixture.events.failures).isEmpty();
  }

  /** A remote may want the whole proven before a part of it leaves. */
  @Test
  void provenOnlyReader_getsNothingBeforeTheProof() {
    Script held =
        Script.of(Script.withLength(BODY.length))
            .nextRead()
            .piece(BODY, 0, BODY.length - 1)
            .hold()
            .piece(BODY, BODY.length - 1, 1)
            .end(BodyEnd.LENGTH_MET);
    FillReader leader = run(held, storing(SHA_256));
    fixture.await("the last byte", () -> fixture.upstream.last().isHeld());
    Fill fill = fixture.running("a");
    fixture.await("readable", () -> fill.readableEnd(0) > 0);
    Fill joined = Objects.requireNonNull(fixture.table().follow(fill.order().key()));
    FillReader patient = fixture.reader(joined).provenOnly().start();
    fixture.await("it waits", patient::isWaiting);
    assertThat(patient.takenBytes()).isZero();
    fixture.upstream.last().goOn();

    assertWhole(seen(patient), BODY);
    assertWhole(seen(leader), BODY);
  }

  @Test
  void lastChunk_isStored() {
    assertWhole(seen(run(pieces(Script.chunked()).end(BodyEnd.LAST_CHUNK), storing())), BODY);
    assertThat(stored().proof()).isEqualTo(Proof.LAST_CHUNK);
  }

  @Test
  void emptyBodies_areStored() {
    assertWhole(
        seen(run(Script.of(Script.withLength(0)).end(BodyEnd.LENGTH_MET), storing())), new byte[0]);
    assertThat(stored().digest()).isEqualTo(OTHER);
    fixture.upstream.script("b", Script.of(Script.chunked()).nextRead().end(BodyEnd.LAST_CHUNK));
    assertWhole(seen(fixture.start(order("b", storing()))), new byte[0]);
  }

  @Test
  void shorterThanDeclared_fails() {
    Script script = pieces(Script.withLength(BODY.length + 1)).end(BodyEnd.LENGTH_MET);

    assertFailed(run(script, storing()), FetchFailure.LENGTH_MISMATCH);
  }

  @Test
  void longerThanDeclared_fails() {
    Script script = pieces(Script.withLength(BODY.length - 1)).end(BodyEnd.LENGTH_MET);
    FillReader reader = run(script, storing());

    assertBroken(seen(reader), BODY);
    assertThat(fixture.events.failures).hasSize(1);
    assertNotStored();
  }

  @Test
  void unaskedForResponseBehindTheBody_isServedAndNotStored() {
    Script script = pieces(Script.withLength(BODY.length)).end(BodyEnd.LENGTH_MET_UNSOLICITED);
    FillReader reader = run(script, storing());

    assertWhole(seen(reader), BODY);
    assertThat(fixture.events.failures).isEmpty();
    assertNotStored();
  }

  @Test
  void closeWithoutDigest_provesNothing() {
    Script script = pieces(Script.untilClose()).end(BodyEnd.CLOSED);

    assertFailed(run(script, storing()), FetchFailure.CLOSED_EARLY);
  }

  @Test
  void closeWithTheRightDigest_isStored() {
    Script script = pieces(Script.untilClose()).end(BodyEnd.CLOSED);

    assertWhole(seen(run(script, storing(SHA_256))), BODY);
    assertThat(stored().proof()).isEqualTo(Proof.DIGEST);
  }

  @Test
  void closeWithAWrongDigest_failsEvenWhereItIsOnlyReported() {
    Script script = pieces(Script.untilClose()).end(BodyEnd.CLOSED);

    assertFailed(run(script, reporting(OTHER)), FetchFailure.CLOSED_EARLY);
    assertThat(fixture.events.mismatches).hasValue(1);
  }

  @Test
  void promisedDigest_holdsTheLastBytesBack_untilItIsProven() {
    Script script = pieces(Script.withLength(BODY.length)).hold().end(BodyEnd.LENGTH_MET);
    FillReader reader = run(script, storing(SHA_256));
    Fill fill = fixture.running("a");
    fixture.await("the body but its last read", () -> fixture.upstream.last().isHeld());
    fixture.await("written", () -> fill.frontier() >= 280_000);

    assertThat(fill.readableEnd(0)).isEqualTo(BODY.length - HOLD_BACK_BYTES);
    fixture.upstream.last().goOn();

    assertWhole(seen(reader), BODY);
    assertThat(stored().proof()).isEqualTo(Proof.DIGEST);
  }

  @Test
  void promisedDigestOfABodyOfUnknownLength_holdsBackToo() {
    Script script = pieces(Script.chunked()).hold().end(BodyEnd.LAST_CHUNK);
    FillReader reader = run(script, storing(SHA_256));
    Fill fill = fixture.running("a");
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());
    fixture.await("written", () -> fill.frontier() >= 280_000);

    assertThat(fill.readableEnd(0)).isEqualTo(fill.frontier() - HOLD_BACK_BYTES);
    fixture.upstream.last().goOn();

    assertWhole(seen(reader), BODY);
  }

  @Test
  void wrongDigest_failsBeforeTheLastBytesLeave() {
    FillReader reader = run(Script.whole(BODY, 70_000), storing(OTHER));

    assertThat(seen(reader).bytes()).hasSizeLessThanOrEqualTo(BODY.length - HOLD_BACK_BYTES);
    assertFailed(reader, FetchFailure.DIGEST_MISMATCH);
    assertThat(fixture.events.mismatches).hasValue(1);
  }

  @Test
  void oneWrongDigestOfTwo_fails() {
    Digest wrong = Digest.of(DigestAlgorithm.SHA_512, new byte[64]);

    assertFailed(
        run(Script.whole(BODY, 70_000), storing(SHA_256, wrong)), FetchFailure.DIGEST_MISMATCH);
  }

  @Test
  void wrongDigestThatIsOnlyReported_isCountedAndStored() {
    assertWhole(seen(run(Script.whole(BODY, 70_000), reporting(OTHER))), BODY);

    assertThat(stored().proof()).isEqualTo(Proof.LENGTH);
    assertThat(fixture.events.mismatches).hasValue(1);
  }

  @Test
  void fetchThatBreaksBeforeItsHead_failsWithItsReason() {
    assertFailed(
        run(Script.headless(FetchFailure.HEAD_TIMEOUT), storing()), FetchFailure.HEAD_TIMEOUT);
  }

  @Test
  void fetchThatBreaksInItsBody_failsWithItsReason() {
    assertFailed(
        run(pieces(Script.chunked()).broken(FetchFailure.RESET), storing()), FetchFailure.RESET);
  }

  @Test
  void fetcherThatThrows_failsTheFill() {
    FillReader reader = fixture.start(order("unknown", storing()));

    assertThat(seen(reader).ending()).isEqualTo(Ending.FAILED);
    assertThat(fixture.events.failures).containsExactly(FetchFailure.INTERNAL);
  }

  @Test
  void fillGivenUpBeforeItsHead_failsWhenTheHeadComes() {
    fixture.upstream.script("a", Script.whole(BODY, 70_000));
    FillTable.Lead lead = fixture.lead(order("a", storing()));
    FillReader reader = fixture.reader(lead.fill()).start();
    lead.fill().abandon(FetchFailure.SHUTDOWN, "by test");
    lead.fill().start();

    assertFailed(reader, FetchFailure.SHUTDOWN);
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
    assertThat(fixture.upstream.last().reads()).isZero();
  }

  @Test
  void fillGivenUpInItsBody_fails() {
    FillReader reader = run(pieces(Script.chunked()).hold(), storing());
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());
    fixture.running("a").abandon(FetchFailure.SHUTDOWN, "by test");

    assertFailed(reader, FetchFailure.SHUTDOWN);
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
  }

  @Test
  void fillGivenUpWhenItIsWhole_isStored() {
    fixture.upstream.script("a", Script.whole(BODY, 70_000));
    FillReader reader = fixture.start(order("a", storing()));
    assertWhole(seen(reader), BODY);
    fixture.table().abandonAll("by test");

    assertThat(stored().digest()).isEqualTo(SHA_256);
  }

  @Test
  void answerVerdict_readsNoBody() {
    fixture.upstream.script(
        "a",
        Script.of(Script.head(404, 5, FetchHead.Framing.LENGTH))
            .piece(BODY, 0, 5)
            .end(BodyEnd.LENGTH_MET));
    FillReader reader = fixture.start(order("a", head -> new HeadRule.Answer()));

    assertThat(seen(reader).ending()).isEqualTo(Ending.ANSWERED);
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
    assertThat(fixture.upstream.last().reads()).isZero();
  }

  @Test
  void answerWithoutABody_keepsItsConnection() {
    fixture.upstream.script(
        "a", Script.of(Script.head(304, -1, FetchHead.Framing.NONE)).end(BodyEnd.NONE));
    FillTable.Lead lead = fixture.lead(order("a", head -> new HeadRule.Answer()));
    FillReader reader = fixture.reader(lead.fill()).start();
    lead.fill().start();

    assertThat(seen(reader).ending()).isEqualTo(Ending.ANSWERED);
    assertThat(lead.fill().answer().status()).isEqualTo(304);
    assertThat(fixture.upstream.last().isCancelled()).isFalse();
  }

  @Test
  void relayVerdict_givesTheLeaderAll_andTheOthersNothing() {
    FillOrder order = order("a", head -> new HeadRule.Relay());
    fixture.upstream.script(
        "a",
        Script.of(Script.untilClose())
            .piece(BODY, 0, 1000)
            .nextRead()
            .piece(BODY, 1000, BODY.length - 1000)
            .nextRead()
            .end(BodyEnd.CLOSED));
    FillTable.Lead lead = fixture.lead(order);
    FillReader follower = fixture.follow("a", 0);
    lead.fill().start();

    assertThat(seen(follower).ending()).isEqualTo(Ending.RELAYED);
    RelaySink.Relayed relayed = FillFixture.relayed(order);
    assertBytes(relayed.body(), BODY);
    assertThat(relayed.end()).isEqualTo(BodyEnd.CLOSED);
    assertThat(fixture.upstream.fetches()).hasSize(1);
    assertNotStored();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void follower_readsFromWhereItAskedFor(int quarter) {
    int first = quarter * BODY.length / 3;
    Script script = pieces(Script.withLength(BODY.length)).hold().end(BodyEnd.LENGTH_MET);
    FillReader leader = run(script, storing());
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());
    FillReader follower = fixture.follow("a", first);
    fixture.upstream.last().goOn();

    assertWhole(seen(leader), BODY);
    assertWhole(seen(follower), Arrays.copyOfRange(BODY, first, BODY.length));
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  @Test
  void manyReaders_causeOneFetch_andAllSeeAllOfIt() {
    List<FillReader> readers = new ArrayList<>();
    byte[] large = body(3_000_000);
    fixture.upstream.script("a", Script.whole(large, 4_321));
    readers.add(fixture.start(order("a", storing())));
    Fill fill = fixture.running("a");
    for (int i = 0; i < 60; i++) {
      assertThat(fill.enter()).isTrue();
      readers.add(fixture.reader(fill).start());
    }

    readers.forEach(reader -> assertWhole(seen(reader), large));
    assertThat(fill.readerCount()).isZero();
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  @Test
  void tinyPieces_areWrittenTogether() {
    fixture.stored.storage().countWrites();
    Script script = Script.of(Script.withLength(20_000)).nextRead();
    for (int i = 0; i < 20_000; i++) {
      script.piece(BODY, i, 1);
    }
    FillReader reader = run(script.end(BodyEnd.LENGTH_MET), storing());

    assertWhole(seen(reader), Arrays.copyOf(BODY, 20_000));
    assertThat(fixture.stored.faults().count("write")).isEqualTo(1);
    stored();
  }

  @Test
  void emptyPieces_areNothing() {
    Script script =
        Script.of(Script.withLength(10))
            .piece(BODY, 0, 0)
            .nextRead()
            .piece(BODY, 0, 10)
            .piece(BODY, 10, 0)
            .end(BodyEnd.LENGTH_MET);

    assertWhole(seen(run(script, storing())), Arrays.copyOf(BODY, 10));
    stored();
  }

  /** Feared: the fill thread and the loop both decide, and a wake-up is lost. */
  @Test
  void busyFillThreads_stopTheUpstreamAtHighWater_andLetItGoOnBelow() {
    int readsMost = FILL_QUEUE_BYTES / READ_BUFFER_BYTES;
    byte[] large = body(100 * 10_000);
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(large.length))
            .nextRead()
            .hold()
            .body(large, 10_000)
            .end(BodyEnd.LENGTH_MET));
    FillReader reader = fixture.start(order("a", storing()));
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());
    fixture.await("idle fill threads", fixture.threads::isIdle);
    fixture.threads.hold();
    fixture.upstream.last().goOn();

    fixture.await("high water", () -> fixture.upstream.last().reads() == readsMost);
    fixture.upstream.last().loop().submit(() -> {}).syncUninterruptibly();
    assertThat(fixture.upstream.last().reads()).isEqualTo(readsMost);
    assertThat(fixture.budget.usedBytes()).isEqualTo(FILL_QUEUE_BYTES);
    fixture.threads.letGo();

    assertWhole(seen(reader), large);
    stored();
  }
}
