package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.assertWhole;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A large body that broke off for good is gone on with by the next who asks for it. */
@Timeout(120)
final class BeginningTest {
  private static final int MIB = 1 << 20;
  private static final byte[] BODY = body(9 * MIB);
  private static final int LEFT = 5 * MIB;
  private static final String TAG = "\"a\"";

  private final Path data;
  private final FillFixture fixture;

  BeginningTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    this.data = data;
    fixture = new FillFixture(data);
  }

  @BeforeEach
  void timeIsNow() {
    fixture.stored.clock.set(System.currentTimeMillis());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private static FetchHead tagged(FetchHead head) {
    head.headers().set("ETag", TAG);
    return head;
  }

  private static Script whole() {
    return Script.of(tagged(Script.withLength(BODY.length)))
        .body(BODY, 100_000)
        .end(BodyEnd.LENGTH_MET);
  }

  private static Script rest(String tag) {
    FetchHead head = Script.head(206, BODY.length - LEFT, Framing.LENGTH);
    head.headers()
        .set("ETag", tag)
        .set("Content-Range", "bytes " + LEFT + "-" + (BODY.length - 1) + "/" + BODY.length);
    return Script.of(head)
        .body(Arrays.copyOfRange(BODY, LEFT, BODY.length), 100_000)
        .end(BodyEnd.LENGTH_MET);
  }

  /** Lets a body break off, and its upstream stay away. */
  private void leave(HeadRule rule) {
    fixture.upstream.script(
        "a",
        Script.of(tagged(Script.withLength(BODY.length)))
            .body(Arrays.copyOf(BODY, LEFT), 100_000)
            .broken(FetchFailure.RESET),
        Script.headless(FetchFailure.REFUSED));
    assertThat(seen(fixture.start(order("a", rule))).ending()).isEqualTo(Ending.FAILED);
    fixture.await("kept", () -> fixture.stored.store().counters().keptBytes() == LEFT);
    fixture.awaitQuiet();
  }

  private void assertGoesOn(HeadRule rule, Script... turns) {
    int before = fixture.upstream.fetches().size();
    fixture.upstream.script("a", turns);

    assertWhole(seen(fixture.start(order("a", rule))), BODY);

    FetchRequest.Part asked =
        Objects.requireNonNull(fixture.upstream.fetches().get(before).request().part());
    assertThat(asked.firstByte()).isEqualTo(LEFT);
    fixture.await("stored", () -> fixture.stored.find("a").isPresent());
    assertThat(fixture.stored.find("a").orElseThrow().digest())
        .isEqualTo(StoreFixture.digestOf(BODY));
    assertThat(fixture.stored.store().counters().keptBytes()).isZero();
  }

  @Test
  void rest_isAskedForByTheNext() {
    leave(storing());

    assertGoesOn(storing(), rest(TAG));
    assertThat(fixture.upstream.last().request().part())
        .isEqualTo(new FetchRequest.Part(LEFT, Long.MAX_VALUE, TAG));
  }

  @Test
  void rest_isAskedForAfterARestart() throws IOException {
    leave(storing());
    fixture.stored.restart(FillFixture.STORE_BYTES);
    fixture.newTable(FillFixture.FILLS_MAX);

    assertGoesOn(storing(), rest(TAG));
  }

  @Test
  void beginningThatCannotBeOpened_costsTheClientNothing() {
    leave(storing());
    Script whole = Script.whole(BODY, 64 << 10);
    fixture.upstream.script("a", rest(TAG), whole);
    FillOrder order = order("a", storing());
    // Asked for space, reopened.
    fixture.stored.faults().plan(2, Faults.Mode.ONCE);
    FillReader reader = fixture.start(order);

    assertThat(seen(reader).ending()).isEqualTo(FillReader.Ending.RELAYED);
    assertThat(fixture.stored.faults().failedCall()).isEqualTo("reopen");
    fixture.await("the whole is asked for", () -> fixture.upstream.last().request().part() == null);
    assertBytes(FillFixture.relayed(order).body(), BODY);
  }

  @Test
  void promisedDigest_isProvenOverBoth_evenIfOnlyTheFirstFetchWasToldOfIt() {
    leave(storing(StoreFixture.digestOf(BODY)));

    assertGoesOn(storing(), rest("\"other\""));
    assertThat(fixture.events.mismatches).hasValue(0);
  }

  @Test
  void wrongRest_isFoundByThePromise_andNothingIsKept() {
    leave(storing(StoreFixture.digestOf(BODY)));
    byte[] other = body(BODY.length + 1);
    FetchHead head = Script.head(206, BODY.length - LEFT, Framing.LENGTH);
    head.headers()
        .set("Content-Range", "bytes " + LEFT + "-" + (BODY.length - 1) + "/" + BODY.length);
    fixture.upstream.script(
        "a",
        Script.of(head)
            .body(Arrays.copyOfRange(other, LEFT, BODY.length), 100_000)
            .end(BodyEnd.LENGTH_MET));

    assertThat(seen(fixture.start(order("a", storing()))).ending()).isEqualTo(Ending.FAILED);
    assertThat(fixture.events.failures).endsWith(FetchFailure.DIGEST_MISMATCH);
    assertThat(fixture.stored.store().counters().keptBytes()).isZero();
  }

  @Test
  void wholeInsteadOfTheRest_isTaken() {
    leave(storing());

    assertGoesOn(storing(), whole());
  }

  @Test
  void replacedBody_isFetchedAnew() {
    leave(storing());
    FetchHead replaced = Script.withLength(BODY.length);
    replaced.headers().set("ETag", "\"b\"");

    assertGoesOn(storing(), Script.of(replaced).body(BODY, 100_000).end(BodyEnd.LENGTH_MET));
  }

  @Test
  void partOfAnotherBody_isNotTaken_andTheWholeIsAskedFor() {
    leave(storing());

    assertGoesOn(storing(), rest("\"b\""), whole());
    assertThat(fixture.upstream.last().request().part()).isNull();
  }

  @Test
  void noSuchRange_andTheWholeIsAskedFor() {
    leave(storing());

    assertGoesOn(storing(), Script.of(Script.head(416, 0, Framing.LENGTH)), whole());
    assertThat(fixture.upstream.last().request().part()).isNull();
  }

  @Test
  void upstreamThatIsOut_leavesWhatIsThere() {
    leave(storing());
    fixture.upstream.script("a", Script.headless(FetchFailure.REFUSED));
    assertThat(seen(fixture.start(order("a", storing()))).ending()).isEqualTo(Ending.FAILED);
    fixture.awaitQuiet();

    assertGoesOn(storing(), rest(TAG));
  }

  @Test
  void upstreamThatIsBusy_leavesWhatIsThere() {
    leave(storing());
    fixture.upstream.script("a", Script.of(Script.head(429, 0, Framing.LENGTH)));
    assertThat(seen(fixture.start(order("a", head -> new HeadRule.Answer()))).ending())
        .isEqualTo(Ending.ANSWERED);
    fixture.awaitQuiet();

    assertGoesOn(storing(), rest(TAG));
  }

  /** The rest is promised to be of another body: nothing of it is put behind the beginning. */
  @Test
  void otherPromise_isFetchedAnew() {
    byte[] other = body(100);
    leave(storing(StoreFixture.digestOf(other)));

    assertGoesOn(storing(StoreFixture.digestOf(BODY)), rest(TAG), whole());
    assertThat(fixture.upstream.last().request().part()).isNull();
  }

  /** Nothing but the promise vouches for two parts that were asked for without a condition. */
  @Test
  void promise_isEnforced_alsoWhereTheRemoteOnlyReportsByNow() {
    leave(storing(StoreFixture.digestOf(body(100))));
    fixture.upstream.script("a", rest("\"b\""));

    assertThat(seen(fixture.start(order("a", FillFixture.reporting()))).ending())
        .isEqualTo(Ending.FAILED);
    assertThat(fixture.events.failures).endsWith(FetchFailure.DIGEST_MISMATCH);
  }

  /** After a power cut the file may hold anything: no part of it leaves before the proof. */
  @Test
  void beginningOfAnotherBoot_isNotSure_andAWrongOneIsFound() throws IOException {
    leave(storing(StoreFixture.digestOf(BODY)));
    Path note = null;
    Path file = null;
    try (DirectoryStream<Path> spool = Files.newDirectoryStream(data.resolve("spool"))) {
      for (Path each : spool) {
        if (each.toString().endsWith(".note")) {
          note = each;
        } else {
          file = each;
        }
      }
    }
    String text = Files.readString(Objects.requireNonNull(note));
    Files.writeString(note, "another boot" + text.substring(text.indexOf('\n')));
    try (FileChannel channel =
        FileChannel.open(Objects.requireNonNull(file), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(4096), MIB);
    }
    fixture.stored.restart(FillFixture.STORE_BYTES);
    fixture.newTable(FillFixture.FILLS_MAX);
    fixture.upstream.script("a", rest(TAG));
    Fill fill = fixture.lead(order("a", storing())).fill();
    FillReader reader = fixture.reader(fill).start();
    fill.start();

    assertThat(seen(reader).ending()).isEqualTo(Ending.FAILED);
    assertThat(fill.head().sure()).isFalse();
    assertThat(fixture.events.failures).endsWith(FetchFailure.DIGEST_MISMATCH);
    fixture.awaitQuiet();
    assertThat(fixture.stored.store().counters().keptBytes()).isZero();
  }

  @Test
  void breakInTheRest_isResumed() {
    leave(storing());
    int middle = 7 * MIB;
    FetchHead first = Script.head(206, BODY.length - LEFT, Framing.LENGTH);
    first
        .headers()
        .set("ETag", TAG)
        .set("Content-Range", "bytes " + LEFT + "-" + (BODY.length - 1) + "/" + BODY.length);
    FetchHead second = Script.head(206, BODY.length - middle, Framing.LENGTH);
    second
        .headers()
        .set("ETag", TAG)
        .set("Content-Range", "bytes " + middle + "-" + (BODY.length - 1) + "/" + BODY.length);

    assertGoesOn(
        storing(),
        Script.of(first)
            .body(Arrays.copyOfRange(BODY, LEFT, middle), MIB)
            .broken(FetchFailure.RESET),
        Script.of(second)
            .body(Arrays.copyOfRange(BODY, middle, BODY.length), MIB)
            .end(BodyEnd.LENGTH_MET));
  }

  @Test
  void shutdown_keepsWhatIsThere() {
    fixture.upstream.script(
        "a",
        Script.of(tagged(Script.withLength(BODY.length)))
            .body(Arrays.copyOf(BODY, LEFT), 100_000)
            .hold());
    FillReader leader = fixture.start(order("a", storing()));
    fixture.await("it came", () -> fixture.running("a").frontier() == LEFT);

    fixture.table().abandonAll("by test");

    assertThat(seen(leader).ending()).isEqualTo(Ending.FAILED);
    fixture.awaitQuiet();
    assertGoesOn(storing(), rest(TAG));
  }

  @Test
  void bodyThatNothingNames_isNotKept() {
    fixture.upstream.script(
        "a",
        Script.of(Script.withLength(BODY.length))
            .body(Arrays.copyOf(BODY, LEFT), 100_000)
            .broken(FetchFailure.RESET));

    assertThat(seen(fixture.start(order("a", storing()))).ending()).isEqualTo(Ending.FAILED);
    fixture.awaitQuiet();
    assertThat(fixture.stored.store().counters().keptBytes()).isZero();
  }
}
