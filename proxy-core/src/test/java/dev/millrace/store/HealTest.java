package dev.millrace.store;

import static dev.millrace.store.StoreFixture.body;
import static dev.millrace.store.StoreFixture.digestOf;
import static dev.millrace.store.StoreFixture.get;
import static dev.millrace.store.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.storage.Faults;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.storage.OpenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows and files that do not match: when a blob is asked for, and at the start. */
@Timeout(120)
final class HealTest {
  private final StoreFixture fixture;

  HealTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data);
  }

  @AfterEach
  void everythingIsInOrder() throws IOException {
    fixture.checkWhole();
    fixture.close();
  }

  /** What may have happened to a blob's file. */
  enum Damage {
    MISSING {
      @Override
      void to(Path file) throws IOException {
        Files.delete(file);
      }
    },
    SHORT {
      @Override
      void to(Path file) throws IOException {
        Files.write(file, body(999, 1));
      }
    },
    LONG {
      @Override
      void to(Path file) throws IOException {
        Files.write(file, body(1001, 1));
      }
    },
    EMPTY {
      @Override
      void to(Path file) throws IOException {
        Files.write(file, new byte[0]);
      }
    },
    DIRECTORY_IN_PLACE {
      @Override
      void to(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectories(file.resolve("with/more"));
        Files.writeString(file.resolve("with/file"), "x");
      }
    };

    abstract void to(Path file) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void damagedBlob_isAMissThatHeals(Damage damage) throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.put("b", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    damage.to(fixture.pathOf(stored.digest()));
    assertThat(fixture.find("a")).isPresent();

    expectMissing(stored.digest());

    fixture.settle();
    assertThat(fixture.store().counters().healed()).isEqualTo(1);
    assertThat(fixture.store().findHot(key("a"))).isNull();
    assertThat(fixture.find("a")).isEmpty();
    assertThat(fixture.find("b")).isEmpty();
    assertThat(fixture.store().counters().usedBytes()).isZero();
    assertThat(fixture.put("a", body(1000, 1))).isNotNull();
    assertThat(fixture.read(stored.digest())).isEqualTo(body(1000, 1));
  }

  @ParameterizedTest
  @EnumSource
  void damagedBlob_isFoundByTheNextStart(Damage damage) throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    StoredArtifact other = fixture.put("b", body(500, 2));
    fixture.store().close();
    damage.to(fixture.pathOf(stored.digest()));

    fixture.restart(StoreFixture.QUOTA);

    assertThat(fixture.store().counters().healed()).isEqualTo(1);
    assertThat(fixture.find("a")).isEmpty();
    assertThat(fixture.find("b")).contains(other);
    assertThat(fixture.store().counters().usedBytes()).isEqualTo(500);
  }

  @ParameterizedTest
  @EnumSource
  void damagedBlob_isReplacedByACommitOfTheSameBytes(Damage damage) throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    damage.to(fixture.pathOf(stored.digest()));
    fixture.put("b", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    assertThat(fixture.read(stored.digest())).isEqualTo(body(1000, 1));
    assertThat(fixture.find("a")).contains(stored);
  }

  @Test
  void fileOfAnEarlierProcessWithoutARow_isRemoved() throws IOException {
    fixture.put("a", body(500, 2));
    fixture.store().close();
    Digest orphan = digestOf(body(10, 7));
    writeBlob(orphan, body(10, 7));

    fixture.restart(StoreFixture.QUOTA);

    assertThat(fixture.store().counters().orphansRemoved()).isEqualTo(1);
    assertThat(fixture.pathOf(orphan)).doesNotExist();
    assertThat(fixture.find("a")).isPresent();
  }

  @Test
  void fileYoungerThanTheProcess_isNotJudgedByTheStart() throws IOException {
    fixture.store().close();
    Digest young = digestOf(body(10, 7));
    Path file = writeBlob(young, body(10, 7));
    Files.setLastModifiedTime(file, FileTime.fromMillis(ManualClock.START + 1));

    fixture.restart(StoreFixture.QUOTA);

    assertThat(file).exists();
    assertThat(fixture.store().counters().orphansRemoved()).isZero();
    assertThat(fixture.put("a", body(10, 7))).isNotNull();
  }

  @Test
  void unknownFiles_areCountedAndLeftAlone() throws IOException {
    fixture.store().close();
    Path shard = fixture.data.resolve("blobs/sha256/0a");
    Files.createDirectories(shard);
    Path stranger = Files.writeString(shard.resolve("README"), "x");

    fixture.restart(StoreFixture.QUOTA);

    assertThat(fixture.store().counters().unknownFiles()).isEqualTo(1);
    assertThat(stranger).exists();
    Files.delete(stranger);
  }

  @Test
  void stagedFilesOfAnEarlierProcess_areSweptAtTheStart() throws IOException {
    fixture.store().close();
    Files.write(
        fixture.data.resolve("spool/11111111-2222-3333-4444-555555555555.part"), body(9, 1));
    fixture.restart(StoreFixture.QUOTA);
    assertThat(StoreFixture.names(fixture.data.resolve("spool"))).isEmpty();
  }

  @Test
  void blobThatCannotBeOpenedNow_keepsItsRows() throws IOException {
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    fixture.faults().plan(2, Faults.Mode.ONCE);

    assertThatThrownBy(() -> fixture.read(stored.digest()))
        .isInstanceOf(UncheckedIOException.class)
        .satisfies(e -> assertThat(e.getCause()).isNotInstanceOf(BlobMissingException.class));

    fixture.settle();
    assertThat(fixture.find("a")).contains(stored);
    assertThat(fixture.read(stored.digest())).hasSize(1000);
  }

  @Test
  void blobThatIsEvictedWhileItIsOpened_takesNoPlaceInTheCache() throws Exception {
    fixture.blocking(task -> Thread.ofVirtual().start(task));
    fixture.restart(StoreFixture.QUOTA);
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    CountDownLatch opened = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture
        .storage()
        .afterOpen(() -> {
          opened.countDown();
          await(goOn);
        });
    var slow = fixture.store().open(stored.digest());
    await(opened);

    fixture.put("a", body(10, 2));
    goOn.countDown();

    OpenFile file = get(slow);
    assertThat(StoreFixture.bytes(file)).isEqualTo(body(1000, 1));
    assertThat(fixture.store().openHot(stored.digest())).isNull();
    file.release();
    assertThat(file.leaseCount()).isZero();
  }

  @Test
  void askersOfOneColdBlob_openItOnce() throws Exception {
    fixture.blocking(task -> Thread.ofVirtual().start(task));
    StoredArtifact stored = fixture.put("a", body(1000, 1));
    fixture.restart(StoreFixture.QUOTA);
    CountDownLatch opened = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture
        .storage()
        .afterOpen(() -> {
          opened.countDown();
          await(goOn);
        });
    var first = fixture.store().open(stored.digest());
    await(opened);
    var second = fixture.store().open(stored.digest());
    assertThat(second.toCompletableFuture()).isNotDone();
    goOn.countDown();

    assertThat(get(first)).isSameAs(get(second));
    assertThat(get(first).leaseCount()).isEqualTo(3);
    get(first).release();
    get(second).release();
    assertThat(fixture.faults().count("open")).isEqualTo(1);
  }

  private Path writeBlob(Digest digest, byte[] body) throws IOException {
    Path file = fixture.pathOf(digest);
    Files.createDirectories(fixture.shardOf(digest));
    return Files.write(file, body);
  }

  private void expectMissing(Digest digest) {
    assertThatThrownBy(() -> fixture.read(digest))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(BlobMissingException.class);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
