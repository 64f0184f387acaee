package dev.millrace.store;

import static dev.millrace.store.StoreFixture.body;
import static dev.millrace.store.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.CatalogException;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call to the disk and to the catalog fails once, and power is lost at random calls. After
 * each fault the store is opened again and must be whole.
 *
 * <p>A random run prints its seed and takes it back by {@code -Dstore.seed}.
 */
@Timeout(300)
final class StoreFaultsTest {
  private static final long SMALL = 100_000;
  private static final long LARGE = 1L << 30;
  private static final int CRASHES = 40;

  private final StoreFixture fixture;
  private final List<StoreFixture.Listener> listeners = new ArrayList<>();
  private final List<StoredArtifact> acknowledged = new ArrayList<>();

  StoreFaultsTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data, SMALL);
    fixture.gatherNothing();
  }

  @AfterEach
  void everythingIsInOrder() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"ONCE", "ONCE_AFTER", "FROM_THEN_ON"})
  void nthCallFails_whateverItIs_theStoreIsWholeAfterTheNextStart(Faults.Mode mode)
      throws IOException {
    int nth = 0;
    boolean met = true;
    while (met) {
      nth++;
      fixture.put("cold", body(5_000, 99));
      fixture.restart(SMALL);
      fixture.faults().plan(nth, mode);
      everyKindOfWork(nth);
      fixture.store().close();
      met = fixture.faults().met();
      assertThat(listeners).as("told, call " + nth).allMatch(StoreFixture.Listener::isTold);
      assertThat(fixture.store().counters().reservedBytes()).as("call " + nth).isZero();
      fixture.restart(SMALL);
      fixture.checkWhole();
      listeners.clear();
    }
    assertThat(nth).as("calls of one run").isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 50, 51, 300, 513, 514, 515, 516, 517, 518})
  void nthCallOfAStartFails_theNextStartFindsAllThatWasStored(int nth) throws IOException {
    fixture.restart(LARGE);
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    for (Faults.Mode mode : List.of(Faults.Mode.ONCE, Faults.Mode.FROM_THEN_ON)) {
      try {
        fixture.restart(LARGE, 0, nth, mode);
        fixture.await("the end of the start", () -> fixture.store().recoveryDone());
      } catch (IOException | CatalogException e) {
        // It did not start, which is an answer.
        assertThat(nth).isLessThan(4);
      }
      fixture.restart(LARGE);
      fixture.checkWhole();
      assertThat(fixture.find("a")).contains(stored);
    }
  }

  @Test
  void powerLostAtAnyCall_keepsWhatWasAcknowledged() throws IOException {
    long seed = Long.getLong("store.seed", 20260101);
    System.out.println("StoreFaultsTest store.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int met = 0;
    for (int round = 0; round < CRASHES; round++) {
      int nth = 1 + random.nextInt(120);
      if (random.nextInt(4) == 0) {
        crashInAStart(random.nextLong(), nth * 5);
      } else {
        restartForACrash(random.nextLong());
        fixture.faults().plan(nth, Faults.Mode.CRASH);
      }
      manyCommits(round);
      met += fixture.faults().met() ? 1 : 0;
      fixture.faults().crash();
      fixture.restart(LARGE);
      fixture.checkWhole();
      for (StoredArtifact artifact : acknowledged) {
        assertThat(fixture.find(artifact.key().path()))
            .as("round %d of seed %d", round, seed)
            .contains(artifact);
      }
    }
    assertThat(met).as("crashes in the middle").isGreaterThan(CRASHES / 4);
    assertThat(acknowledged).as("commits that were acknowledged").hasSizeGreaterThan(CRASHES);
  }

  private void restartForACrash(long seed) throws IOException {
    fixture.restart(LARGE, seed, 0, Faults.Mode.CRASH);
    fixture.await("recovery", () -> fixture.store().recoveryDone());
  }

  private void crashInAStart(long seed, int nth) {
    try {
      fixture.restart(LARGE, seed, nth, Faults.Mode.CRASH);
    } catch (IOException | CatalogException e) {
      assertThat(fixture.faults().isDead()).isTrue();
    }
  }

  /** A body of each kind: new, equal to another, replacing, discarded, growing, evicting. */
  private void everyKindOfWork(int salt) {
    commit("a", body(10_000 + salt, 1));
    commit("b", body(10_000 + salt, 1));
    commit("a", body(20_000 + salt, 2));
    tolerate(() -> {
      try (StagedBlob staged = fixture.store().stage(key("c"), -1)) {
        staged.write(ByteBuffer.wrap(body(100, 3)), 0);
        staged.grow(100);
      }
    });
    tolerate(() -> {
      StoredArtifact cold = fixture.find("cold").orElse(null);
      if (cold != null) {
        fixture.store().touch(cold.key());
        assertThat(fixture.read(cold.digest())).isEqualTo(body(5_000, 99));
        fixture.store().refresh(cold.refreshed(salt, salt));
      }
    });
    tolerate(() -> assertThat(fixture.find("unknown")).isEmpty());
    commit("d", body(60_000 + salt, 4));
    commit("e", body(30_000 + salt, 5));
    tolerate(fixture::settle);
  }

  private void manyCommits(int round) {
    for (int i = 0; i < 20; i++) {
      commit("r" + round + "/" + i, body(100 + i, round % 3));
    }
    for (StoreFixture.Listener listener : listeners) {
      if (listener.isStored()) {
        acknowledged.add(listener.await());
      }
    }
    listeners.clear();
  }

  private void commit(String path, byte[] body) {
    tolerate(() -> {
      StoreFixture.Listener listener = new StoreFixture.Listener();
      fixture.commit(path, body, listener);
      listeners.add(listener);
      listener.await();
    });
  }

  /** A step that may meet the fault. */
  private interface Step {
    void run() throws IOException;
  }

  private static void tolerate(Step step) {
    try {
      step.run();
    } catch (IOException | UncheckedIOException | CatalogException e) {
      // The planted fault, answered as it should be: told, and nothing else.
      assertThat(e).hasMessageNotContaining("tried again");
    }
  }
}
