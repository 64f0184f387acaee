package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBroken;
import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWhole;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to the disk and to the catalog that a fill makes fails once. Readers see a failure or
 * the whole, never a short end, and nothing is left behind.
 */
@Timeout(300)
final class FillFaultsTest {
  private static final byte[] BODY = body(400_000);

  private final FillFixture fixture;

  FillFaultsTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"ONCE", "ONCE_AFTER", "FROM_THEN_ON"})
  void nthCallFails_whateverItIs_noReaderSeesAShortEnd(Faults.Mode mode) throws IOException {
    Digest digest = StoreFixture.digestOf(BODY);
    for (boolean promised : List.of(false, true)) {
      HeadRule rule = promised ? storing(digest) : storing();
      int nth = 0;
      boolean met = true;
      while (met) {
        nth++;
        met = oneFill(rule, "a-" + mode + promised + nth, nth, mode);
      }
      assertThat(nth).as("calls of one fill").isGreaterThan(8);
    }
  }

  /** Whether the fault was met. */
  private boolean oneFill(HeadRule rule, String path, int nth, Faults.Mode mode)
      throws IOException {
    fixture.stored.restart(FillFixture.STORE_BYTES);
    fixture.stored.storage().countWrites();
    fixture.newTable(FillFixture.FILLS_MAX);
    Script script = Script.of(Script.chunked()).piece(BODY, 0, 5_000).nextRead();
    for (int from = 5_000; from < BODY.length; from += 79_000) {
      script.piece(BODY, from, 79_000).nextRead();
    }
    fixture.upstream.script(path, script.end(BodyEnd.LAST_CHUNK));
    fixture.stored.faults().plan(nth, mode);
    FillOrder order = order(path, rule);
    FillTable.Lead lead = fixture.lead(order);
    FillReader leader = fixture.reader(lead.fill()).start();
    FillReader follower = fixture.follow(path, 0);
    lead.fill().start();

    check(leader, order, lead.fill());
    check(follower, order, lead.fill());
    fixture.awaitQuiet();
    boolean met = fixture.stored.faults().met();
    fixture.stored.faults().plan(0, Faults.Mode.ONCE);
    fixture.stored.restart(FillFixture.STORE_BYTES);
    fixture.stored.checkWhole();
    boolean stored = fixture.stored.find(path).isPresent();
    if (lead.fill().state() == FillState.STORED) {
      assertThat(stored).as("call %d %s", nth, mode).isTrue();
    } else if (lead.fill().state() != FillState.UNSTORED) {
      assertThat(stored).as("call %d %s of what never was whole", nth, mode).isFalse();
    }
    return met;
  }

  private void check(FillReader reader, FillOrder order, Fill fill) {
    FillReader.Seen seen = seen(reader);
    String failedCall = fixture.stored.faults().failedCall();
    switch (seen.ending()) {
      case END -> {
        assertThat(seen.bytes()).hasSameSizeAs(BODY);
        // The fake drops what it could not sync, as a kernel may, and readers still read there.
        if (!failedCall.equals("sync")) {
          assertWhole(seen, BODY);
        }
      }
      case FAILED -> {
        if (!failedCall.equals("sync")) {
          assertBroken(seen, BODY);
        }
        assertThat(fill.failure().reason()).isEqualTo(FetchFailure.STORAGE);
      }
      case DIVERTED -> checkRest(seen.bytes(), fill);
      case RELAYED -> assertBytes(FillFixture.relayed(order).body(), BODY);
      // An equal blob was there, so that the staged file went before the reader could open it.
      case STORE -> assertThat(fill.state().isWhole()).isTrue();
      case ANSWERED, LEFT -> throw new AssertionError(seen.ending());
    }
  }

  /** What was in the file and what the upstream gives this reader alone are the body. */
  private static void checkRest(byte[] had, Fill fill) {
    byte[] body = Arrays.copyOf(BODY, had.length);
    assertBytes(had, body);
    RelaySink rest = new RelaySink();
    // Nothing names the body; or its end is kept back, so that what was had is not all that is
    // hashed.
    boolean refused =
        had.length > 0 && (fill.head().expected().isEmpty() || had.length != fill.frontier());
    assertThat(fill.diversion().fetch(0, had.length, Long.MAX_VALUE, rest)).isEqualTo(!refused);
    if (!refused) {
      RelaySink.Relayed relayed = StoreFixture.get(rest.relayed());
      assertThat(relayed.end()).isEqualTo(BodyEnd.LAST_CHUNK);
      assertBytes(relayed.body(), tail(had.length));
    }
  }

  @Test
  void spoolThatCannotBeOpened_relaysAllOfIt() {
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(BODY.length))
            .piece(BODY, 0, 10)
            .piece(BODY, 10, 20_000)
            .body(tail(20_010), 100_000)
            .end(BodyEnd.LENGTH_MET));
    FillOrder order = order("a", storing());
    fixture.stored.faults().plan(1, Faults.Mode.FROM_THEN_ON);
    FillReader leader = fixture.start(order);

    assertThat(seen(leader).ending()).isEqualTo(Ending.RELAYED);
    RelaySink.Relayed relayed = FillFixture.relayed(order);
    assertBytes(relayed.body(), BODY);
    assertThat(relayed.end()).isEqualTo(BodyEnd.LENGTH_MET);
    assertThat(fixture.events.degraded).hasValue(1);
    assertThat(fixture.events.failures).isEmpty();
    fixture.stored.faults().plan(0, Faults.Mode.ONCE);
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  /** The first read does not wait for the file, and the relay asks for reads of its own. */
  @Test
  void spoolThatCannotBeOpened_whileAReadIsUnderWay_relaysAll() {
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(BODY.length))
            .piece(BODY, 0, 10)
            .nextRead()
            .piece(BODY, 10, 20_000)
            .hold()
            .piece(BODY, 20_010, 10_000)
            .nextRead()
            .body(tail(30_010), 100_000)
            .end(BodyEnd.LENGTH_MET));
    fixture.threads.hold();
    fixture.stored.faults().plan(1, Faults.Mode.ONCE);
    FillOrder order = order("a", storing());
    FillReader leader = fixture.start(order);
    fixture.await("the read", () -> fixture.upstream.last().isHeld());
    fixture.threads.letGo();
    fixture.await("the failure", () -> fixture.events.degraded.get() == 1);
    assertThat(leader.seen()).isNotDone();

    fixture.upstream.last().goOn();

    assertThat(seen(leader).ending()).isEqualTo(Ending.RELAYED);
    assertBytes(FillFixture.relayed(order).body(), BODY);
  }

  @Test
  void spoolThatCannotBeOpened_whenAllHasCome_relaysItsEnd() {
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(20_000))
            .piece(BODY, 0, 4)
            .piece(BODY, 4, 19_996)
            .end(BodyEnd.LENGTH_MET));
    RelaySink.Relayed relayed = relayedAfterAllHasCome();

    assertBytes(relayed.body(), Arrays.copyOf(BODY, 20_000));
    assertThat(relayed.end()).isEqualTo(BodyEnd.LENGTH_MET);
  }

  @Test
  void spoolThatCannotBeOpened_whenTheFetchHasBroken_relaysTheFailure() {
    fixture.upstream.script(
        "a", Script.of(Script.withLength(20_000)).piece(BODY, 0, 4).broken(FetchFailure.RESET));
    RelaySink.Relayed relayed = relayedAfterAllHasCome();

    assertBytes(relayed.body(), Arrays.copyOf(BODY, 4));
    assertThat(relayed.failure()).isEqualTo(FetchFailure.RESET);
  }

  @Test
  void spoolThatCannotBeOpened_whenTheFillWasGivenUp_relaysTheFailure() {
    fixture.upstream.script("a", Script.of(Script.withLength(20_000)).piece(BODY, 0, 4).hold());
    fixture.threads.hold();
    fixture.stored.faults().plan(1, Faults.Mode.ONCE);
    FillOrder order = order("a", storing());
    FillReader leader = fixture.start(order);
    fixture.await("the hold", () -> fixture.upstream.last().isHeld());
    fixture.running("a").abandon(FetchFailure.SHUTDOWN, "by test");
    fixture.await("cancelled", () -> fixture.upstream.last().isCancelled());
    fixture.threads.letGo();

    assertThat(seen(leader).ending()).isEqualTo(Ending.RELAYED);
    assertThat(FillFixture.relayed(order).failure()).isEqualTo(FetchFailure.SHUTDOWN);
  }

  private RelaySink.Relayed relayedAfterAllHasCome() {
    fixture.threads.hold();
    fixture.stored.faults().plan(1, Faults.Mode.ONCE);
    FillOrder order = order("a", storing());
    FillReader leader = fixture.start(order);
    fixture.await("the fetch", () -> !fixture.upstream.fetches().isEmpty());
    fixture.upstream.last().loop().submit(() -> {}).syncUninterruptibly();
    fixture.threads.letGo();

    assertThat(seen(leader).ending()).isEqualTo(Ending.RELAYED);
    return FillFixture.relayed(order);
  }

  @Test
  void bodyOverTheQuota_isRelayed_andOneThatGrowsOverIt_isServedWholeAndNotStored()
      throws IOException {
    fixture.stored.restart(100_000);
    fixture.newTable(FillFixture.FILLS_MAX);
    fixture.upstream.script("a", Script.whole(BODY, 100_000));
    FillOrder order = order("a", storing());

    assertThat(seen(fixture.start(order)).ending()).isEqualTo(Ending.RELAYED);
    assertBytes(FillFixture.relayed(order).body(), BODY);

    fixture.upstream.script(
        "b", Script.of(Script.chunked()).body(BODY, 60_000).end(BodyEnd.LAST_CHUNK));
    assertWhole(seen(fixture.start(order("b", storing()))), BODY);
    fixture.awaitQuiet();
    assertThat(fixture.stored.find("b")).isEmpty();
    assertThat(fixture.events.failures).isEmpty();
  }

  /** The kernel may drop what it could not write: who comes later must not read there. */
  @Test
  void failedSync_spoilsTheFile_forWhoHasNotReadIt() {
    fixture.upstream.script("a", Script.whole(BODY, 100_000));
    // Asked for space, staged; then synced.
    fixture.stored.faults().plan(3, Faults.Mode.ONCE);
    FillTable.Lead lead = fixture.lead(order("a", storing()));
    lead.fill().start();
    fixture.await("the commit", () -> lead.fill().state() == FillState.UNSTORED);
    assertThat(fixture.stored.faults().failedCall()).isEqualTo("sync");

    assertThat(seen(fixture.reader(lead.fill()).start()).ending()).isEqualTo(Ending.STORE);
    assertThat(lead.fill().failure().reason()).isEqualTo(FetchFailure.STORAGE);
  }

  @Test
  void failedCommit_isServedWhole_andNotStored() {
    fixture.upstream.script("a", Script.whole(BODY, 100_000));
    FillOrder order = order("a", storing());
    // Asked for space, staged, synced; then published.
    fixture.stored.faults().plan(4, Faults.Mode.ONCE);
    FillTable.Lead lead = fixture.lead(order);
    FillReader leader = fixture.reader(lead.fill()).start();
    lead.fill().start();

    assertWhole(seen(leader), BODY);
    fixture.await("the commit", () -> lead.fill().state() == FillState.UNSTORED);
    assertThat(fixture.events.commitFailures).hasValue(1);
    assertThat(fixture.stored.find("a")).isEmpty();
  }

  private static byte[] tail(int from) {
    return Arrays.copyOfRange(BODY, from, BODY.length);
  }
}
