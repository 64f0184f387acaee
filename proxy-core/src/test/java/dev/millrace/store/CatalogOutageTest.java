package dev.millrace.store;

import static dev.millrace.store.StoreFixture.body;
import static dev.millrace.store.StoreFixture.digestOf;
import static dev.millrace.store.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.BlobUse;
import dev.millrace.catalog.CatalogException;
import dev.millrace.catalog.FaultyCatalog.Server;
import dev.millrace.storage.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The catalog's database goes away and comes back while the store is in use. */
@Timeout(120)
final class CatalogOutageTest {
  private final StoreFixture fixture;

  CatalogOutageTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data);
  }

  @AfterEach
  void everythingIsInOrder() throws IOException {
    fixture.faultyCatalog().server(Server.UP);
    fixture.checkWhole();
    fixture.close();
  }

  @Test
  void whatMemoryKnows_isServedOn() throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.faultyCatalog().server(Server.OUT);

    assertThat(fixture.store().findHot(key("a"))).isEqualTo(stored);
    assertThat(fixture.find("a")).contains(stored);
    assertThat(fixture.read(stored.digest())).isEqualTo(body(1000, 1));
    assertThat(fixture.find("never stored")).as("known to be absent").isEmpty();
  }

  @Test
  void whatOnlyTheCatalogKnows_cannotBeFound_andIsFoundAgain() throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    fixture.faultyCatalog().server(Server.OUT);

    assertThatThrownBy(() -> fixture.find("a"))
        .isInstanceOfAny(CatalogException.class, CompletionException.class);

    fixture.faultyCatalog().server(Server.UP);
    assertThat(fixture.find("a")).contains(stored);
  }

  @Test
  void whatIsCommittedMeanwhile_isNotStored_andLeavesNoFile() throws IOException {
    fixture.faultyCatalog().server(Server.OUT);

    for (int i = 0; i < 20; i++) {
      StoreFixture.Listener listener = new StoreFixture.Listener();
      fixture.commit("p" + i, body(1000, i), listener);
      assertThat(listener.failure()).isEqualTo(CommitFailure.CATALOG);
      assertThat(fixture.pathOf(digestOf(body(1000, i)))).doesNotExist();
    }

    assertThat(fixture.store().counters().commitFailures()).isEqualTo(20);
    fixture.faultyCatalog().server(Server.UP);
    fixture.put("p1", body(1000, 1));
    assertThat(fixture.read(digestOf(body(1000, 1)))).isEqualTo(body(1000, 1));
  }

  /** The names of equal bytes that are stored must not go with a commit that fails. */
  @Test
  void storedBytesThatAreCommittedAgainMeanwhile_stay() throws IOException {
    fixture.put("a", body(1000, 1));
    fixture.faultyCatalog().server(Server.OUT);

    StoreFixture.Listener listener = new StoreFixture.Listener();
    fixture.commit("b", body(1000, 1), listener);

    assertThat(listener.failure()).isEqualTo(CommitFailure.CATALOG);
    assertThat(fixture.read(digestOf(body(1000, 1)))).isEqualTo(body(1000, 1));
  }

  @ParameterizedTest
  @EnumSource(
      value = Server.class,
      names = {"LOST_BEHIND_COMMIT", "LOST_BEFORE_COMMIT"})
  void commitOfUnknownEnd_isSettledWhenTheCatalogIsBack(Server lost) throws IOException {
    fixture.put("a", body(500, 1));
    Path file = fixture.pathOf(digestOf(body(1000, 2)));
    fixture.faultyCatalog().server(lost);

    StoreFixture.Listener listener = new StoreFixture.Listener();
    fixture.commit("b", body(1000, 2), listener);
    assertThat(listener.failure()).isEqualTo(CommitFailure.CATALOG);
    assertThat(file).as("its row may be there").exists();
    fixture.settle();
    assertThat(file).as("the catalog is still out").exists();

    fixture.faultyCatalog().server(Server.UP);
    fixture.settle();

    boolean committed = lost == Server.LOST_BEHIND_COMMIT;
    assertThat(Files.exists(file)).isEqualTo(committed);
    assertThat(fixture.find("b").isPresent()).isEqualTo(committed);
    assertThat(fixture.store().counters().usedBytes()).isEqualTo(committed ? 1500 : 500);
  }

  @ParameterizedTest
  @EnumSource(
      value = Server.class,
      names = {"LOST_BEHIND_COMMIT", "LOST_BEFORE_COMMIT"})
  void evictionOfUnknownEnd_isSettledWhenTheCatalogIsBack(Server lost) throws IOException {
    fixture.put("a", body(600_000, 1));
    Path file = fixture.pathOf(digestOf(body(600_000, 1)));
    fixture.faultyCatalog().server(lost);

    // Its place is made by an eviction.
    StagedBlob staged = fixture.store().stage(key("b"), 700_000);
    fixture.settle();
    staged.close();
    assertThat(file).as("its row may be there").exists();

    fixture.faultyCatalog().server(Server.UP);
    fixture.settle();

    boolean evicted = lost == Server.LOST_BEHIND_COMMIT;
    assertThat(Files.exists(file)).isEqualTo(!evicted);
    assertThat(fixture.store().counters().usedBytes()).isEqualTo(evicted ? 0 : 600_000);
  }

  @Test
  void accessCounts_waitForIt() throws IOException {
    fixture.put("a", body(500, 1));
    fixture.clock.advance(5_000);
    fixture.faultyCatalog().server(Server.OUT);
    fixture.store().touch(key("a"));
    long touchedAt = fixture.clock.millis();
    fixture.settle();

    fixture.faultyCatalog().server(Server.UP);
    fixture.settle();

    assertThat(fixture.catalog().leastRecentlyUsed(1))
        .extracting(BlobUse::lastAccessMillis)
        .containsExactly(touchedAt);
    assertThat(fixture.store().counters().accessDrops()).isZero();
  }

  @Test
  void keyThatTheCatalogCannotHold_isToBeRelayed() {
    fixture.faultyCatalog().keyBytesMax(10);

    assertThat(fixture.store().isAvoided(key("x".repeat(10)))).isFalse();
    assertThat(fixture.store().isAvoided(key("x".repeat(11)))).isTrue();
  }
}
