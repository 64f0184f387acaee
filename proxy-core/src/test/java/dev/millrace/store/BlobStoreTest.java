package dev.millrace.store;

import static dev.millrace.store.StoreFixture.body;
import static dev.millrace.store.StoreFixture.digestOf;
import static dev.millrace.store.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.CatalogException;
import dev.millrace.config.Limits;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.storage.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Look-up, staging and commit. */
@Timeout(120)
final class BlobStoreTest {
  private final StoreFixture fixture;
  private final BlobStore store;

  BlobStoreTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data);
    store = fixture.store();
  }

  @AfterEach
  void everythingIsInOrder() throws IOException {
    fixture.checkWhole();
    fixture.close();
  }

  @Test
  void committedArtifact_isFoundAndReadBack() throws IOException {
    byte[] body = body(1000, 1);
    StoredArtifact stored = fixture.put("a", body);

    assertThat(fixture.find("a")).contains(stored);
    assertThat(fixture.read(stored.digest())).isEqualTo(body);
    assertThat(store.counters().usedBytes()).isEqualTo(1000);
    assertThat(store.counters().commits()).isEqualTo(1);
  }

  @Test
  void committedArtifact_isHotBeforeItsListenerHears() throws IOException {
    byte[] body = body(1000, 1);
    StoredArtifact artifact = fixture.artifact("a", body);
    List<Object> seen = new ArrayList<>();
    StoreFixture.Listener heard = new StoreFixture.Listener();
    CommitListener looking =
        new CommitListener() {
          @Override
          public void committed(StoredArtifact stored) {
            OpenFile file = store.openHot(stored.digest());
            seen.add(artifact.equals(store.findHot(key("a"))));
            seen.add(file != null);
            if (file != null) {
              file.release();
            }
            heard.committed(stored);
          }

          @Override
          public void failed(Throwable cause) {
            heard.failed(cause);
          }
        };
    StagedBlob staged = store.stage(key("a"), body.length);
    staged.write(ByteBuffer.wrap(body), 0);

    store.commit(staged, artifact, looking);

    assertThat(heard.await()).isEqualTo(artifact);
    assertThat(seen).containsExactly(true, true);
  }

  @Test
  void unknownArtifact_isAbsentAndNotRemembered() throws IOException {
    assertThat(fixture.find("a")).isEmpty();
    assertThat(store.findHot(key("a"))).isNull();
    assertThat(store.counters().indexEntries()).isZero();
    fixture.put("a", body(10, 1));
    assertThat(fixture.find("a")).isPresent();
  }

  @Test
  void hotArtifact_asksNeitherCatalogNorDisk() throws IOException {
    StoredArtifact stored = fixture.put("a", body(10, 1));
    fixture.restart(StoreFixture.QUOTA);
    for (int i = 0; i < 5; i++) {
      assertThat(fixture.find("a")).contains(stored);
      assertThat(fixture.read(stored.digest())).hasSize(10);
    }
    assertThat(fixture.store().findHot(key("a"))).isEqualTo(stored);
    assertThat(fixture.faults().count("find")).isEqualTo(1);
    assertThat(fixture.faults().count("open")).isEqualTo(1);
    assertThat(fixture.store().counters().openFiles()).isEqualTo(1);
  }

  @Test
  void artifact_outlivesARestart() throws IOException {
    StoredArtifact stored = fixture.put("a", body(10, 1));
    fixture.restart(StoreFixture.QUOTA);
    assertThat(fixture.store().findHot(key("a"))).isNull();
    assertThat(fixture.store().counters().usedBytes()).isEqualTo(10);
    assertThat(fixture.find("a")).contains(stored);
    assertThat(fixture.read(stored.digest())).isEqualTo(body(10, 1));
  }

  @Test
  void equalBytes_areKeptOnceForAllKeys() throws IOException {
    StoredArtifact first = fixture.put("a", body(1000, 1));
    StoredArtifact second = fixture.put("b", body(1000, 1));

    assertThat(second.digest()).isEqualTo(first.digest());
    assertThat(store.counters().usedBytes()).isEqualTo(1000);
    assertThat(fixture.find("a")).contains(first);
    assertThat(fixture.find("b")).contains(second);
  }

  @Test
  void replacedArtifact_takesItsUnnamedBlobAlong() throws IOException {
    StoredArtifact first = fixture.put("a", body(1000, 1));
    StoredArtifact second = fixture.put("a", body(500, 2));

    assertThat(fixture.find("a")).contains(second);
    assertThat(fixture.pathOf(first.digest())).doesNotExist();
    assertThat(store.openHot(first.digest())).isNull();
    assertThat(store.counters().usedBytes()).isEqualTo(500);
  }

  @Test
  void closedStagedBlob_leavesNothing() throws IOException {
    StagedBlob staged = store.stage(key("a"), 100);
    staged.write(ByteBuffer.wrap(body(50, 1)), 0);
    assertThat(store.counters().reservedBytes()).isEqualTo(100);
    staged.close();
    staged.close();
    assertThat(store.counters().reservedBytes()).isZero();
  }

  @Test
  void committedStagedBlob_isNotDiscardedByItsClose() throws IOException {
    byte[] body = body(100, 1);
    StoreFixture.Listener listener = new StoreFixture.Listener();
    try (StagedBlob staged = store.stage(key("a"), body.length)) {
      staged.write(ByteBuffer.wrap(body), 0);
      store.commit(staged, fixture.artifact("a", body), listener);
    }
    StoredArtifact stored = listener.await();
    assertThat(fixture.read(stored.digest())).isEqualTo(body);
  }

  @Test
  void stagedBlob_isCommittedOnce() throws IOException {
    byte[] body = body(100, 1);
    StagedBlob staged = store.stage(key("a"), body.length);
    staged.close();
    assertThatThrownBy(
            () -> store.commit(staged, fixture.artifact("a", body), new StoreFixture.Listener()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void readerOfTheStagedFile_readsOnAfterCommitAndDiscard() throws IOException {
    byte[] body = body(100, 1);
    StoreFixture.Listener listener = new StoreFixture.Listener();
    StagedBlob staged = store.stage(key("a"), body.length);
    staged.write(ByteBuffer.wrap(body), 0);
    OpenFile reader = staged.file();
    assertThat(reader.tryRetain()).isTrue();

    store.commit(staged, fixture.artifact("a", body), listener);

    assertThat(listener.await()).isNotNull();
    assertThat(StoreFixture.bytes(reader)).isEqualTo(body);
    reader.release();
  }

  @Test
  void stagedFileOfAnotherLength_isNotStored() throws IOException {
    StoreFixture.Listener listener = new StoreFixture.Listener();
    StagedBlob staged = store.stage(key("a"), 100);
    staged.write(ByteBuffer.wrap(body(99, 1)), 0);

    store.commit(staged, fixture.artifact("a", body(100, 1)), listener);

    assertThat(listener.failure()).isEqualTo(CommitFailure.LENGTH);
    assertThat(fixture.find("a")).isEmpty();
  }

  @Test
  void bodiesThatWaited_areStoredInOneRound() throws Exception {
    List<StoreFixture.Listener> listeners = queueBehindAGate(50);
    for (int i = 0; i < 50; i++) {
      assertThat(listeners.get(i).await().digest()).isEqualTo(digestOf(body(10 + i, 1)));
    }
    assertThat(store.counters().commitRounds()).isEqualTo(2);
    assertThat(fixture.faults().count("store")).isEqualTo(2);
    assertThat(fixture.faults().count("syncPublished")).isEqualTo(2);
    assertThat(fixture.faults().count("sync")).isEqualTo(51);
  }

  @Test
  void failedSync_costsOnlyItsOwnBody() throws Exception {
    StoreFixture.Gate gate = new StoreFixture.Gate();
    fixture.commit("gate", body(5, 9), gate);
    gate.awaitReached();
    List<StoreFixture.Listener> listeners = stageAndCommit(3);
    fixture.faults().plan(2, Faults.Mode.ONCE);
    gate.open();

    assertThat(listeners.get(0).await()).isNotNull();
    assertThat(listeners.get(1).failure()).isEqualTo(CommitFailure.SYNC);
    assertThat(listeners.get(2).await()).isNotNull();
    assertThat(store.counters().commitFailures()).isEqualTo(1);
    assertThat(fixture.find("p1")).isEmpty();
  }

  @Test
  void failedDirectorySync_storesNothingOfTheRound() throws Exception {
    expectRoundToFail(7, CommitFailure.PUBLISH);
  }

  @Test
  void failedTransaction_storesNothingOfTheRound() throws Exception {
    expectRoundToFail(8, CommitFailure.CATALOG);
  }

  @Test
  void failedTransaction_keepsBlobsThatOtherArtifactsName() throws Exception {
    StoredArtifact first = fixture.put("a", body(10, 1));
    fixture.faults().plan(6, Faults.Mode.ONCE);
    StoreFixture.Listener listener = new StoreFixture.Listener();
    fixture.commit("b", body(10, 1), listener);

    assertThat(listener.failure()).isEqualTo(CommitFailure.CATALOG);
    assertThat(fixture.read(first.digest())).isEqualTo(body(10, 1));
  }

  @Test
  void failedTransaction_keepsAFileThatReplacedADamagedOne() throws Exception {
    StoredArtifact first = fixture.put("a", body(10, 1));
    Files.write(fixture.pathOf(first.digest()), body(9, 1));
    fixture.faults().plan(6, Faults.Mode.ONCE);
    StoreFixture.Listener listener = new StoreFixture.Listener();
    fixture.commit("b", body(10, 1), listener);

    assertThat(listener.failure()).isEqualTo(CommitFailure.CATALOG);
    assertThat(fixture.pathOf(first.digest())).hasBinaryContent(body(10, 1));
  }

  @Test
  void fullQueue_refusesAtOnceAndKeepsTheReservationRight() throws Exception {
    StoredArtifact stored = fixture.put("a", body(10, 1));
    StoreFixture.Gate gate = new StoreFixture.Gate();
    fixture.commit("gate", body(5, 9), gate);
    gate.awaitReached();
    for (int i = 0; i < Limits.COMMIT_QUEUE_MAX + 3; i++) {
      store.refresh(stored.refreshed(i, i));
    }
    StoreFixture.Listener listener = new StoreFixture.Listener();
    fixture.commit("late", body(10, 2), listener);

    assertThat(listener.isTold()).isTrue();
    assertThat(listener.failure()).isEqualTo(CommitFailure.QUEUE_FULL);
    assertThat(store.counters().refreshDrops()).isEqualTo(3);
    gate.open();
  }

  @Test
  void close_finishesWhatIsQueuedAndRefusesTheRest() throws Exception {
    List<StoreFixture.Listener> listeners = queueBehindAGate(20);
    store.close();
    assertThat(listeners).allMatch(StoreFixture.Listener::isStored);

    StoreFixture.Listener late = new StoreFixture.Listener();
    fixture.commit("late", body(10, 2), late);
    assertThat(late.failure()).isEqualTo(CommitFailure.CLOSED);
    fixture.restart(StoreFixture.QUOTA);
    assertThat(fixture.find("p7")).isPresent();
  }

  @Test
  void listenerThatThrows_harmsNobody() throws IOException {
    fixture.commit(
        "a",
        body(10, 1),
        new CommitListener() {
          @Override
          public void committed(StoredArtifact artifact) {
            throw new IllegalStateException("planted");
          }

          @Override
          public void failed(Throwable cause) {
            throw new IllegalStateException("planted");
          }
        });
    assertThat(fixture.put("b", body(10, 2))).isNotNull();
  }

  @Test
  void refresh_isSeenAtOnceAndAfterARestart() throws IOException {
    StoredArtifact stored = fixture.put("a", body(10, 1));
    StoredArtifact refreshed = stored.refreshed(5, 99);

    store.refresh(refreshed);

    assertThat(store.findHot(key("a"))).isEqualTo(refreshed);
    fixture.restart(StoreFixture.QUOTA);
    assertThat(fixture.find("a")).contains(refreshed);
  }

  @Test
  void refreshOfAReplacedArtifact_doesNotBringItBack() throws IOException {
    StoredArtifact old = fixture.put("a", body(10, 1));
    StoredArtifact current = fixture.put("a", body(10, 2));

    store.refresh(old.refreshed(5, 99));
    fixture.settle();

    assertThat(store.findHot(key("a"))).isEqualTo(current);
    assertThat(fixture.catalog().find(key("a"))).contains(current);
  }

  @Test
  void accessesBeyondTheBatch_areDroppedAndCounted() throws Exception {
    StoreFixture.Gate gate = new StoreFixture.Gate();
    fixture.commit("gate", body(5, 9), gate);
    gate.awaitReached();
    for (int i = 0; i < Limits.ACCESS_BATCH_MAX + 7; i++) {
      store.touch(key("p" + i));
    }
    store.touch(key("p0"));
    assertThat(store.counters().accessDrops()).isEqualTo(7);
    gate.open();
  }

  @Test
  void catalogThatFails_isNotAnAbsentArtifact() throws IOException {
    fixture.put("a", body(10, 1));
    fixture.restart(StoreFixture.QUOTA);
    fixture.faults().plan(1, Faults.Mode.ONCE);
    assertThatThrownBy(() -> fixture.find("a")).isInstanceOf(CatalogException.class);
    assertThat(fixture.find("a")).isPresent();
  }

  @Test
  void lookUpThatACommitOvertook_doesNotBringTheOldArtifactBack() throws Exception {
    fixture.put("a", body(10, 1));
    fixture.blocking(task -> Thread.ofVirtual().start(task));
    fixture.restart(StoreFixture.QUOTA);
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture
        .faultyCatalog()
        .afterFind(() -> {
          read.countDown();
          await(goOn);
        });
    var slow = fixture.store().find(key("a"));
    await(read);

    StoredArtifact current = fixture.put("a", body(10, 2));
    goOn.countDown();

    assertThat(StoreFixture.get(slow)).isPresent();
    assertThat(fixture.store().findHot(key("a"))).isEqualTo(current);
    assertThat(fixture.find("a")).contains(current);
  }

  private void expectRoundToFail(int nthCall, CommitFailure reason) throws Exception {
    StoreFixture.Gate gate = new StoreFixture.Gate();
    fixture.commit("gate", body(5, 9), gate);
    gate.awaitReached();
    List<StoreFixture.Listener> listeners = stageAndCommit(3);
    // Three syncs and three publishes come first.
    fixture.faults().plan(nthCall, Faults.Mode.ONCE);
    gate.open();

    for (StoreFixture.Listener listener : listeners) {
      assertThat(listener.failure()).isEqualTo(reason);
    }
    fixture.settle();
    assertThat(fixture.pathOf(digestOf(body(10, 1)))).doesNotExist();
    assertThat(store.counters().usedBytes()).isEqualTo(5);
    assertThat(fixture.put("p0", body(10, 1))).isNotNull();
  }

  private List<StoreFixture.Listener> queueBehindAGate(int bodies) throws Exception {
    StoreFixture.Gate gate = new StoreFixture.Gate();
    fixture.commit("gate", body(5, 9), gate);
    gate.awaitReached();
    List<StoreFixture.Listener> listeners = stageAndCommit(bodies);
    assertThat(listeners).noneMatch(StoreFixture.Listener::isTold);
    gate.open();
    return listeners;
  }

  private List<StoreFixture.Listener> stageAndCommit(int bodies) throws IOException {
    List<StoreFixture.Listener> listeners = new ArrayList<>();
    for (int i = 0; i < bodies; i++) {
      StoreFixture.Listener listener = new StoreFixture.Listener();
      fixture.commit("p" + i, body(10 + i, 1), listener);
      listeners.add(listener);
    }
    return listeners;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
