package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBytes;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RangeRequest;
import dev.millrace.config.RemoteDraft;
import dev.millrace.fill.FillReader.Ending;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many ranges of one body at once: all are right, and the body is fetched once. */
@Timeout(120)
final class ManyRangesTest {
  private static final int MIB = 1 << 20;
  // So long that a machine that stands still for a moment breaks nothing.
  private static final Duration RESUME_WAIT = Duration.ofSeconds(2);
  private static final byte[] BODY = body(20 * MIB + 12_345);
  private static final int FAR = 15 * MIB;

  private final FillFixture fixture;

  ManyRangesTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data, FillFixture.BUDGET_BYTES, RESUME_WAIT);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  private void assertStored() {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find("a").orElseThrow().digest())
        .isEqualTo(StoreFixture.digestOf(BODY));
  }

  private FillReader startPart(HeadRule rule, long first, long last) {
    FillOrder order =
        order("a", rule, new RemoteDraft().settings(), new RangeRequest.Span(first, last));
    Fill fill = fixture.lead(order).fill();
    FillReader reader = new FillReader(fill, fixture.loops.next(), first);
    fill.start();
    return reader;
  }

  /** As containerd does: many ranges without an end, each closed after its share. */
  @Test
  void stormOfOpenEndedRanges_costsOneFetch() {
    long share = MIB;
    fixture.upstream.answer("a", new RangedUpstream(BODY));
    List<FillReader> readers = new ArrayList<>();
    HeadRule rule = storing(StoreFixture.digestOf(BODY));
    readers.add(startPart(rule, 7 * share, Long.MAX_VALUE).leavingAt(share).start());
    for (int client = 0; client < 8; client++) {
      for (int i = 0; i < BODY.length / share; i++) {
        Fill joined = fixture.table().follow(StoreFixture.key("a"));
        if (joined != null) {
          long first = i * share;
          readers.add(new FillReader(joined, fixture.loops.next(), first).leavingAt(share).start());
        }
      }
    }
    readers.forEach(
        reader -> assertThat(seen(reader).ending()).isIn(Ending.LEFT, Ending.END, Ending.STORE));

    assertStored();
    assertThat(fixture.upstream.sentBytes()).isEqualTo(BODY.length);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void anyRangesOverAnUpstreamThatCuts_areRight(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RangedUpstream upstream = new RangedUpstream(BODY).cuttingPartsAt(MIB + random.nextInt(MIB));
    boolean cold = random.nextBoolean();
    fixture.upstream.answer("a", cold ? upstream : upstream.holdingWholeAt(MIB));
    FillReader leader =
        cold
            ? startPart(storing(), FAR, FAR + 999_999).until(FAR + 1_000_000).start()
            : fixture.start(order("a", storing()));
    if (!cold) {
      fixture.await("it stands", () -> fixture.upstream.fetches().getFirst().isHeld());
    }
    List<int[]> ranges = new ArrayList<>();
    List<FillReader> readers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int first = random.nextInt(BODY.length);
      int end = Math.min(BODY.length, first + 1 + random.nextInt(2 * MIB));
      Fill fill = fixture.table().follow(StoreFixture.key("a"));
      if (fill != null) {
        ranges.add(new int[] {first, end});
        readers.add(new FillReader(fill, fixture.loops.next(), first).until(end).start());
      }
      if (i == 30 && !cold) {
        fixture.upstream.fetches().getFirst().goOn();
      }
    }
    for (int i = 0; i < readers.size(); i++) {
      FillReader.Seen seen = seen(readers.get(i));
      assertThat(seen.ending()).as("%s", fixture.events.failures).isIn(Ending.END, Ending.STORE);
      if (seen.ending() == Ending.END) {
        assertBytes(seen.bytes(), Arrays.copyOfRange(BODY, ranges.get(i)[0], ranges.get(i)[1]));
      }
    }
    assertThat(seen(leader).ending()).isIn(Ending.END, Ending.STORE);

    // Sixty of them are most of it, and then the rest is fetched, too.
    assertStored();
    assertThat(fixture.upstream.sentBytes()).isLessThan(BODY.length + 3 * MIB);
  }
}
