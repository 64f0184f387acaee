package dev.millrace.store;

import static dev.millrace.store.StoreFixture.body;
import static dev.millrace.store.StoreFixture.bytes;
import static dev.millrace.store.StoreFixture.get;
import static dev.millrace.store.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.BlobUse;
import dev.millrace.config.Limits;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.storage.OpenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The quota, the volume, and who has to go. */
@Timeout(120)
final class EvictionTest {
  private static final int QUOTA = 100_000;

  private final StoreFixture fixture;
  private final BlobStore store;

  EvictionTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data, QUOTA);
    store = fixture.store();
  }

  @AfterEach
  void everythingIsInOrder() throws IOException {
    fixture.checkWhole();
    assertThat(fixture.store().counters().usedBytes()).isLessThanOrEqualTo(QUOTA);
    fixture.close();
  }

  @Test
  void leastRecentlyUsed_goesFirst() throws IOException {
    StoredArtifact oldest = put("a", 40_000, 1);
    StoredArtifact newer = put("b", 40_000, 2);
    StoredArtifact last = put("c", 40_000, 3);
    fixture.settle();

    assertThat(fixture.find("a")).isEmpty();
    assertThat(store.findHot(key("a"))).isNull();
    assertThat(store.openHot(oldest.digest())).isNull();
    assertThat(fixture.pathOf(oldest.digest())).doesNotExist();
    assertThat(fixture.find("b")).contains(newer);
    assertThat(fixture.find("c")).contains(last);
    assertThat(store.counters().evictions()).isEqualTo(1);
    assertThat(store.counters().evictedBytes()).isEqualTo(40_000);
  }

  @Test
  void accessThatIsNotWrittenYet_countsToo() throws IOException {
    put("a", 40_000, 1);
    put("b", 40_000, 2);
    fixture.clock.advance(1000);
    store.touch(key("a"));
    put("c", 40_000, 3);
    fixture.settle();

    assertThat(fixture.find("a")).isPresent();
    assertThat(fixture.find("b")).isEmpty();
  }

  @Test
  void roomIsMade_whileTheBodyArrives() throws IOException {
    put("a", 60_000, 1);
    StagedBlob staged = store.stage(key("b"), 60_000);

    fixture.await("eviction ahead of need", () -> store.counters().usedBytes() == 0);

    assertThat(store.counters().reservedBytes()).isEqualTo(60_000);
    staged.close();
  }

  @Test
  void evictedBlob_isReadToItsEndByWhoHasIt() throws IOException {
    byte[] body = body(60_000, 1);
    StoredArtifact stored = fixture.put("a", body);
    OpenFile reader = get(store.open(stored.digest()));

    put("b", 60_000, 2);
    fixture.settle();

    assertThat(fixture.pathOf(stored.digest())).doesNotExist();
    assertThat(bytes(reader)).isEqualTo(body);
    reader.release();
    assertThat(reader.leaseCount()).isZero();
    assertThatThrownBy(() -> get(store.open(stored.digest())))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(BlobMissingException.class);
  }

  @Test
  void evictedBlob_canBeStoredAgain() throws IOException {
    put("a", 60_000, 1);
    put("b", 60_000, 2);
    fixture.settle();
    StoredArtifact again = put("a", 60_000, 1);
    fixture.settle();
    assertThat(fixture.read(again.digest())).hasSize(60_000);
    assertThat(fixture.find("b")).isEmpty();
  }

  @Test
  void smallerQuotaThanBefore_isKeptFromTheStartOn() throws IOException {
    put("a", 40_000, 1);
    put("b", 40_000, 2);
    fixture.restart(50_000);
    fixture.settle();
    assertThat(fixture.store().counters().usedBytes()).isEqualTo(40_000);
    assertThat(fixture.find("b")).isPresent();
  }

  @Test
  void bodyLargerThanTheQuota_isRefusedAndEvictsNothing() throws IOException {
    put("a", 10_000, 1);
    assertThatThrownBy(() -> store.stage(key("b"), QUOTA + 1))
        .isInstanceOfSatisfying(
            NoSpaceException.class,
            e -> assertThat(e.where()).isEqualTo(NoSpaceException.Where.QUOTA));
    fixture.settle();
    assertThat(fixture.find("a")).isPresent();
  }

  @Test
  void bodiesThatRun_neverReserveMoreThanTheQuota() throws IOException {
    List<StagedBlob> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      running.add(store.stage(key("r" + i), 25_000));
    }
    assertThatThrownBy(() -> store.stage(key("late"), 1)).isInstanceOf(NoSpaceException.class);
    running.getFirst().close();
    store.stage(key("late"), 1).close();
    running.forEach(StagedBlob::close);
  }

  @Test
  void bodyOfUnknownLength_reservesAsItGrows() throws IOException {
    StagedBlob staged = store.stage(key("a"), -1);
    assertThat(store.counters().reservedBytes()).isZero();
    staged.grow(60_000);
    staged.grow(30_000);
    assertThat(store.counters().reservedBytes()).isEqualTo(90_000);
    assertThat(staged.isKeepable()).isTrue();
    staged.grow(20_000);
    staged.grow(200_000);
    assertThat(staged.isKeepable()).as("outgrew the quota, and goes on").isFalse();
    assertThat(store.counters().reservedBytes()).isEqualTo(90_000);
    fixture.storage().usableBytes(Limits.VOLUME_RESERVE_BYTES + 1_000L);
    assertThatThrownBy(() -> staged.grow(Limits.RESERVATION_STEP_BYTES))
        .isInstanceOf(NoSpaceException.class);
    staged.close();
    assertThat(store.counters().reservedBytes()).isZero();
  }

  @Test
  void bodyOfUnknownLength_reservesInSteps() throws IOException {
    fixture.restart(1L << 30);
    StagedBlob staged = fixture.store().stage(key("a"), -1);
    staged.grow(1);
    assertThat(fixture.store().counters().reservedBytes()).isEqualTo(Limits.RESERVATION_STEP_BYTES);
    int asked = fixture.faults().count("usableBytes");
    for (int i = 0; i < 100; i++) {
      staged.grow(1000);
    }
    assertThat(fixture.faults().count("usableBytes")).isEqualTo(asked);
    staged.close();
    fixture.restart(QUOTA);
  }

  @Test
  void fullVolume_refusesWhenNothingCanGo() throws IOException {
    fixture.storage().usableBytes(Limits.VOLUME_RESERVE_BYTES + 500L);
    assertThatThrownBy(() -> store.stage(key("a"), 1000))
        .isInstanceOfSatisfying(
            NoSpaceException.class,
            e -> assertThat(e.where()).isEqualTo(NoSpaceException.Where.VOLUME));
    assertThat(store.counters().reservedBytes()).isZero();
    store.stage(key("a"), 500).close();
    fixture.storage().usableBytes(null);
    store.stage(key("a"), 1000).close();
  }

  @Test
  void fullVolume_evictsWhatIsMissing() throws IOException {
    put("a", 1000, 1);
    put("b", 1000, 2);
    put("c", 1000, 3);
    fixture.storage().usableBytes(Limits.VOLUME_RESERVE_BYTES + 500L);

    // The pretended volume does not grow by it, so the body is refused all the same.
    assertThatThrownBy(() -> store.stage(key("d"), 2000)).isInstanceOf(NoSpaceException.class);

    assertThat(store.counters().evictedBytes()).isEqualTo(2000);
    assertThat(fixture.find("c")).isPresent();
  }

  @Test
  void bytesAlreadyWritten_areNotCountedTwiceOnTheVolume() throws IOException {
    StagedBlob running = store.stage(key("a"), 50_000);
    running.write(ByteBuffer.wrap(body(50_000, 1)), 0);
    fixture.storage().usableBytes(Limits.VOLUME_RESERVE_BYTES + 1000L);
    store.stage(key("b"), 1000).close();
    running.close();
  }

  @Test
  void largestOfTheOld_goesFirst() {
    long now = 10_000;
    List<BlobUse> window =
        List.of(use(1, 10, 0), use(2, 500, 1000), use(3, 500, 900), use(4, 9000, 6000));
    // Half of the longest idle time is 5,000: the fourth, idle for 4,000, is not old.
    assertThat(Reaper.inOrder(window, now))
        .containsExactly(window.get(2), window.get(1), window.get(0));
  }

  @Test
  void clockSetBack_stillLeavesSomebodyToGo() {
    List<BlobUse> window = List.of(use(1, 10, 5000), use(2, 20, 6000));
    assertThat(Reaper.inOrder(window, 1000)).containsExactly(window.get(0));
  }

  @Test
  void commitsAndEvictionsOfTheSameBlobs_neverLeaveARowWithoutItsFile() throws Exception {
    long seed = Long.getLong("store.seed", 20260101);
    System.out.println("EvictionTest store.seed=" + seed);
    int threads = 4;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        SplittableRandom random = new SplittableRandom(seed + t);
        ends.add(pool.submit(() -> commitAndRead(random)));
      }
      for (Future<?> end : ends) {
        end.get(100, TimeUnit.SECONDS);
      }
    }
    fixture.settle();
    assertThat(store.counters().evictions()).isPositive();
  }

  /** Eight bodies of 30 kB take turns in 100 kB under sixteen keys. */
  private Object commitAndRead(SplittableRandom random) throws IOException {
    for (int i = 0; i < 40; i++) {
      int content = random.nextInt(8);
      String path = "p" + random.nextInt(16);
      StoreFixture.Listener listener = new StoreFixture.Listener();
      try {
        fixture.commit(path, body(30_000, content), listener);
        listener.await();
      } catch (NoSpaceException e) {
        // Four bodies at once do not fit: this one would be relayed.
        assertThat(e.where()).isEqualTo(NoSpaceException.Where.QUOTA);
      }
      fixture.clock.advance(random.nextInt(100));
      StoreCounters now = store.counters();
      assertThat(now.usedBytes()).isLessThanOrEqualTo(QUOTA);
      readIfThere("p" + random.nextInt(16));
    }
    return List.of();
  }

  private void readIfThere(String path) throws IOException {
    StoredArtifact found = fixture.find(path).orElse(null);
    if (found != null) {
      store.touch(found.key());
      try {
        assertThat(StoreFixture.digestOf(fixture.read(found.digest()))).isEqualTo(found.digest());
      } catch (UncheckedIOException e) {
        // Evicted between the two steps: a miss.
        assertThat(e).hasCauseInstanceOf(BlobMissingException.class);
      }
    }
  }

  /** One second after the other. */
  private StoredArtifact put(String path, int size, int fill) throws IOException {
    fixture.clock.advance(1000);
    return fixture.put(path, body(size, fill));
  }

  private static BlobUse use(int number, long size, long lastAccess) {
    Digest digest = Digest.sha256("00".repeat(28) + HexFormat.of().toHexDigits(number));
    return new BlobUse(digest, size, lastAccess);
  }
}
