package dev.millrace.fill;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.fill.FillFixture.assertWholeOrStored;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many fills share a budget that is much too small for them: none exceeds it and none starves.
 *
 * <p>A random run prints its seed and takes it back by {@code -Dmemory.seed}.
 */
@Timeout(120)
final class BodyMemoryTest {
  private static final int READS = 3;
  private static final int FILLS = 40;

  private final FillFixture fixture;

  BodyMemoryTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data, READS * READ_BUFFER_BYTES);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  @Test
  void manyFills_keepToATinyBudget_andAllComplete() {
    byte[] body = body(700_000);
    List<FillReader> readers = new ArrayList<>();
    for (int i = 0; i < FILLS; i++) {
      fixture.upstream.script("a" + i, Script.whole(body, 33_000));
    }
    for (int i = 0; i < FILLS; i++) {
      readers.add(fixture.start(order("a" + i, storing())));
    }

    readers.forEach(reader -> assertWholeOrStored(seen(reader), body));
    assertThat(fixture.budget.peakBytes()).isLessThanOrEqualTo(fixture.budget.maxBytes());
    assertThat(fixture.budget.waits()).isPositive();
  }

  @Test
  void stalledFill_keepsOneRead_andTheOthersGoOn() {
    byte[] body = body(700_000);
    for (int i = 0; i < READS - 1; i++) {
      fixture.upstream.script("s" + i, Script.of(Script.chunked()).nextRead().hold());
      fixture.start(order("s" + i, storing()));
    }
    fixture.await(
        "the stalls",
        () -> fixture.upstream.fetches().stream().allMatch(ScriptedFetcher.Fetch::isHeld));
    List<FillReader> readers = new ArrayList<>();
    for (int i = 0; i < FILLS; i++) {
      fixture.upstream.script("a" + i, Script.whole(body, 70_000));
      readers.add(fixture.start(order("a" + i, storing())));
    }

    readers.forEach(reader -> assertWholeOrStored(seen(reader), body));
    fixture.table().abandonAll("by test");
  }

  @Test
  void fillsThatAreGivenUpInLine_giveBackWhatTheyAreGranted() {
    long seed = Long.getLong("memory.seed", 20260101);
    System.out.println("BodyMemoryTest memory.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] body = body(400_000);
    List<FillReader> readers = new ArrayList<>();
    List<Fill> unwanted = new ArrayList<>();
    for (int i = 0; i < FILLS; i++) {
      String path = "a" + i;
      fixture.upstream.script(path, Script.whole(body, 20_000));
      FillTable.Lead lead = fixture.lead(order(path, storing()));
      if (random.nextBoolean()) {
        unwanted.add(lead.fill());
      } else {
        readers.add(fixture.reader(lead.fill()).start());
      }
      lead.fill().start();
    }
    unwanted.forEach(fill -> {
      fill.abandon(FetchFailure.SHUTDOWN, "by test");
      fill.leave();
    });

    readers.forEach(reader -> assertWholeOrStored(seen(reader), body));
    fixture.awaitQuiet();
    assertThat(fixture.budget.peakBytes()).isLessThanOrEqualTo(fixture.budget.maxBytes());
  }
}
