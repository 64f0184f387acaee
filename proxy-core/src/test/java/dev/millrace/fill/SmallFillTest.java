package dev.millrace.fill;

import static dev.millrace.config.Limits.SMALL_BODY_BYTES_MAX;
import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWhole;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.reporting;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A small body is received into memory, and has its file only when it is committed. */
@Timeout(60)
final class SmallFillTest {
  private static final byte[] BODY = body(SMALL_BODY_BYTES_MAX);
  private static final Digest SHA_256 = StoreFixture.digestOf(BODY);
  private static final Digest OTHER = StoreFixture.digestOf(new byte[0]);
  private static final RemoteSettings CLIENTS_ONLY =
      new RemoteDraft().withoutFillAfterDisconnect().settings();

  private final FillFixture fixture;

  SmallFillTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data);
  }

  /** Checks among others that no byte of the budget is reserved and no file is open. */
  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private FillReader run(Script script, HeadRule rule) {
    fixture.upstream.script("a", script);
    return fixture.start(order("a", rule));
  }

  private void assertFailed(FillReader reader, FetchFailure reason) {
    FillReader.Seen seen = seen(reader);
    assertThat(seen.ending()).isEqualTo(Ending.FAILED);
    assertThat(seen.bytes()).as("nothing is shown before all of it is proven").isEmpty();
    assertThat(fixture.events.failures).containsExactly(reason);
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  /** All of it with the head: no clock can come in between. */
  private static Script atOnce() {
    return Script.of(Script.withLength(BODY.length))
        .piece(BODY, 0, BODY.length)
        .end(BodyEnd.LENGTH_MET);
  }

  @ParameterizedTest
  @ValueSource(ints = {9_000, 500, 7})
  void piecesAndReads_ofAnySize_areServedAndStored(int pieceBytes) throws IOException {
    assertWhole(seen(run(Script.whole(BODY, pieceBytes), storing())), BODY);

    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    assertBytes(fixture.stored.read(SHA_256), BODY);
  }

  @Test
  void bodyThatComesAtOnce_meetsNoFillThread_andIsWrittenOnce() throws IOException {
    fixture.threads.hold();
    fixture.stored.storage().countWrites();
    assertWhole(seen(run(atOnce(), storing())), BODY);

    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    assertThat(fixture.stored.find("a").orElseThrow().proof()).isEqualTo(Proof.LENGTH);
    assertBytes(fixture.stored.read(SHA_256), BODY);
    assertThat(fixture.stored.faults().count("write")).as("one write, at the commit").isEqualTo(1);
  }

  @Test
  void oneByteMore_growsInAFile() throws IOException {
    byte[] larger = body(SMALL_BODY_BYTES_MAX + 1);
    fixture.stored.storage().countWrites();
    fixture.threads.hold();
    FillReader reader = run(Script.whole(larger, 4_000), storing());
    fixture.await("the fill thread's turn", () -> fixture.running("a").upstreamHeadNanos() > 0);
    assertThat(fixture.running("a").state()).isEqualTo(FillState.OPENING);
    fixture.threads.letGo();

    assertWhole(seen(reader), larger);
    assertThat(fixture.stored.faults().count("write")).isGreaterThan(1);
  }

  @Test
  void bodyThatTakesItsTime_goesOnInAFile_andShowsWhatThereIs() {
    Script script =
        Script.of(Script.withLength(BODY.length))
            .piece(BODY, 0, 5_000)
            .hold()
            .piece(BODY, 5_000, BODY.length - 5_000)
            .end(BodyEnd.LENGTH_MET);
    FillReader leader = run(script, storing());
    fixture.await("the file", () -> fixture.running("a").frontier() == 5_000);
    assertThat(fixture.running("a").state()).isEqualTo(FillState.STREAMING);
    FillReader follower = fixture.follow("a", 4_000);

    fixture.upstream.last().goOn();

    assertWhole(seen(leader), BODY);
    assertBytes(seen(follower).bytes(), Arrays.copyOfRange(BODY, 4_000, BODY.length));
    assertThat(fixture.upstream.fetches()).hasSize(1);
  }

  @Test
  void bodyThatTakesItsTime_showsItsHead_beforeItsFirstByte() {
    fixture.upstream.script("a", Script.of(Script.withLength(BODY.length)).nextRead().hold());
    FillReader leader = fixture.start(order("a", storing()));

    fixture.await("the head", () -> fixture.running("a").state() == FillState.STREAMING);
    assertThat(fixture.running("a").head().lengthBytes()).isEqualTo(BODY.length);
    fixture.table().abandonAll("by test");
    assertThat(seen(leader).ending()).isEqualTo(Ending.FAILED);
  }

  @Test
  void shorterThanDeclared_fails() {
    Script script =
        Script.of(Script.withLength(BODY.length))
            .piece(BODY, 0, BODY.length - 1)
            .end(BodyEnd.LENGTH_MET);

    assertFailed(run(script, storing()), FetchFailure.LENGTH_MISMATCH);
  }

  @Test
  void longerThanDeclared_fails() {
    Script script = Script.of(Script.withLength(100)).piece(BODY, 0, 90).piece(BODY, 90, 11).hold();

    assertFailed(run(script, storing()), FetchFailure.LENGTH_MISMATCH);
    assertThat(fixture.upstream.last().isCancelled()).isTrue();
  }

  @Test
  void brokenFetch_fails() {
    Script script = Script.of(Script.withLength(100)).piece(BODY, 0, 90).broken(FetchFailure.RESET);

    assertFailed(run(script, storing()), FetchFailure.RESET);
  }

  @Test
  void wrongDigest_fails_andIsKeptWhereItIsOnlyReported() {
    assertFailed(run(Script.whole(BODY, 9_000), storing(OTHER)), FetchFailure.DIGEST_MISMATCH);
    fixture.upstream.script("b", Script.whole(BODY, 9_000));

    assertWhole(seen(fixture.start(order("b", reporting(OTHER)))), BODY);
    fixture.await("stored", () -> fixture.stored.find("b").isPresent());
    assertThat(fixture.stored.find("b").orElseThrow().proof()).isEqualTo(Proof.LENGTH);
  }

  /** Feared: a fault of our own on the loop, and readers that wait for ever. */
  @Test
  void faultOfOurOwn_fails() {
    HeadRule.Store broken =
        new HeadRule.Store(
            ArtifactHead.EMPTY,
            Collections.singletonList((Digest) null),
            true,
            StoredArtifact.NEVER,
            false);

    assertFailed(run(Script.whole(BODY, 9_000), head -> broken), FetchFailure.INTERNAL);
  }

  @Test
  void rightDigest_isTheProof() {
    assertWhole(seen(run(Script.whole(BODY, 9_000), storing(SHA_256))), BODY);
    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    assertThat(fixture.stored.find("a").orElseThrow().proof()).isEqualTo(Proof.DIGEST);
  }

  @Test
  void unaskedForResponseBehindTheBody_isServedAndNotStored() {
    Script script =
        Script.of(Script.withLength(BODY.length))
            .body(BODY, 9_000)
            .end(BodyEnd.LENGTH_MET_UNSOLICITED);

    assertWhole(seen(run(script, storing())), BODY);
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  @Test
  void lastReaderThatLeaves_endsTheFetch() {
    fixture.upstream.script(
        "a", Script.of(Script.withLength(BODY.length)).piece(BODY, 0, 5_000).hold());
    FillReader leader = fixture.start(order("a", storing(), CLIENTS_ONLY));
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());

    leader.leave();

    assertThat(seen(leader).ending()).isEqualTo(Ending.LEFT);
    fixture.await("the end", () -> fixture.upstream.last().isCancelled());
    fixture.awaitQuiet();
  }

  /** Asked for space, staged, written, synced, published, folders synced: each of them fails. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void anyFailureOfTheDisk_isServedWhole_andNotStored(int nth) {
    fixture.stored.storage().countWrites();
    fixture.upstream.script("a", atOnce());
    fixture.stored.faults().plan(nth, Faults.Mode.ONCE);
    FillTable.Lead lead = fixture.lead(order("a", storing()));
    lead.fill().start();
    fixture.await("the commit", () -> lead.fill().state() == FillState.UNSTORED);

    assertThat(fixture.stored.faults().met()).isTrue();
    assertWhole(seen(fixture.reader(lead.fill()).start()), BODY);
    assertThat(fixture.events.commitFailures).hasValue(1);
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  @Test
  void fullVolume_isServedWhole_andNotStored() {
    fixture.stored.storage().usableBytes(1_000L);

    assertWhole(seen(run(atOnce(), storing())), BODY);
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
    assertThat(fixture.events.commitFailures).hasValue(1);
  }

  @Test
  void bodyOverTheQuota_isServedWhole_andNotStored() throws IOException {
    fixture.stored.restart(10_000);
    fixture.newTable(FillFixture.FILLS_MAX);

    assertWhole(seen(run(atOnce(), storing())), BODY);
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  @Test
  void whoComesAfterTheLastReader_asksTheStore() {
    fixture.upstream.script("a", atOnce());
    FillTable.Lead lead = fixture.lead(order("a", storing()));
    FillReader leader = fixture.reader(lead.fill()).start();
    lead.fill().start();
    assertWhole(seen(leader), BODY);
    fixture.await("stored", () -> lead.fill().state() == FillState.STORED);
    assertThat(lead.fill().enter()).isTrue();

    assertThat(seen(fixture.reader(lead.fill()).start()).ending()).isEqualTo(Ending.STORE);
  }

  @Test
  void spentBudget_sendsItThroughAFile() throws IOException {
    int half = (int) (fixture.budget.maxBytes() / 2);
    assertThat(fixture.budget.tryReserve(half)).isTrue();
    fixture.stored.storage().countWrites();

    assertWhole(seen(run(Script.whole(BODY, 4_000), storing())), BODY);
    assertThat(fixture.stored.faults().count("write")).isEqualTo(4 + 1);
    fixture.budget.release(half);
  }
}
