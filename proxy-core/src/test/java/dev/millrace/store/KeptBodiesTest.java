package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.storage.MemoryTempDir;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of bodies that broke off: found again, bounded, and never in two hands. */
final class KeptBodiesTest {
  private static final int MIB = 1 << 20;
  private static final long QUOTA = 1L << 30;

  private final Path data;
  private StoreFixture stored;

  KeptBodiesTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    this.data = data;
    this.stored = StoreFixture.open(data, QUOTA);
  }

  @BeforeEach
  void timeIsNow() {
    // The files have the system's times.
    stored.clock.set(System.currentTimeMillis());
  }

  @AfterEach
  void close() {
    stored.close();
  }

  private static ArtifactKey key(String path) {
    return StoreFixture.key(path);
  }

  private void leave(String path, int bytes) throws IOException {
    StagedBlob staged = stored.store().stage(key(path), bytes + 100L);
    staged.describe(new KeptNote(key(path), bytes + 100L, Map.of("etag", "\"a\""), List.of()));
    staged.write(ByteBuffer.allocate(bytes), 0);
    staged.keep();
  }

  private KeptBody taken(String path) {
    return Objects.requireNonNull(stored.store().takeKept(key(path)), "nothing was kept");
  }

  private List<String> spool() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("spool"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void keptBody_isGivenOnce_andItsPlaceIsReserved() throws IOException {
    leave("a", 5_000);
    assertThat(stored.store().counters().keptBytes()).isEqualTo(5_000);
    assertThat(stored.store().counters().reservedBytes()).isEqualTo(5_000);

    KeptBody body = taken("a");

    assertThat(body.bytes()).isEqualTo(5_000);
    assertThat(stored.store().takeKept(key("a"))).isNull();
    assertThat(stored.store().counters().reservedBytes()).isZero();
    StagedBlob again = stored.store().stage(body);
    assertThat(stored.store().counters().reservedBytes()).isEqualTo(5_100);
    again.close();
    assertThat(spool()).isEmpty();
  }

  @Test
  void keptBody_outlivesARestart() throws IOException {
    leave("a", 5_000);
    leave("b", 6_000);
    stored.restart(QUOTA);

    KeptBody body = taken("b");

    assertThat(body.bytes()).isEqualTo(6_000);
    assertThat(body.isSure()).isTrue();
    stored.store().giveBack(body);
    assertThat(stored.store().counters().keptBytes()).isEqualTo(11_000);
  }

  @Test
  void oneThatIsKeptAgain_replacesTheOther() throws IOException {
    leave("a", 5_000);
    leave("a", 6_000);

    assertThat(stored.store().counters().keptBytes()).isEqualTo(6_000);
    assertThat(spool()).hasSize(2);
  }

  @Test
  void tooMany_dropTheOldest() throws IOException {
    for (int i = 0; i < 5; i++) {
      leave("a" + i, 20 * MIB);
    }

    assertThat(stored.store().counters().keptBytes()).isEqualTo(60 * MIB);
    assertThat(stored.store().takeKept(key("a1"))).isNull();
    assertThat(stored.store().takeKept(key("a2"))).isNotNull();
  }

  @Test
  void tooOld_isNotGiven_andGoesAtTheNextLook() throws IOException {
    leave("a", 5_000);
    stored.clock.set(stored.clock.millis() + Duration.ofMinutes(61).toMillis());

    assertThat(stored.store().takeKept(key("a"))).isNull();
    leave("b", 5_000);
    assertThat(spool()).as("b is as old, by its file's time").isEmpty();
  }

  @Test
  void tooOld_isRemovedAtTheStart() throws IOException {
    leave("a", 5_000);
    for (String name : spool()) {
      Files.setLastModifiedTime(
          data.resolve("spool").resolve(name),
          FileTime.fromMillis(stored.clock.millis() - Duration.ofHours(2).toMillis()));
    }
    stored.restart(QUOTA);

    assertThat(spool()).isEmpty();
  }

  /** After a power cut the machine has started again, and what was not synced may be anything. */
  @Test
  void ofAnotherBoot_isKeptOnlyUnderADigest() throws IOException {
    leave("a", 5_000);
    Path note = data.resolve("spool").resolve(spool().getFirst().replace(".part", ".note"));
    String text = Files.readString(note);
    Files.writeString(note, "another boot" + text.substring(text.indexOf('\n')));
    stored.restart(QUOTA);

    assertThat(stored.store().takeKept(key("a"))).isNull();
    assertThat(spool()).isEmpty();
  }

  @Test
  void damagedNote_isRemovedWithItsFile() throws IOException {
    leave("a", 5_000);
    for (String name : spool()) {
      if (name.endsWith(".note")) {
        Files.writeString(data.resolve("spool").resolve(name), "\u0000\u0000");
      }
    }
    stored.restart(QUOTA);

    assertThat(spool()).isEmpty();
  }

  /** What is only kept goes before what is to be stored. */
  @Test
  void bodyThatNeedsThePlace_getsIt() throws IOException {
    leave("a", 5_000);
    leave("b", 5_000);

    StagedBlob large = stored.store().stage(key("c"), QUOTA - 7_000);

    assertThat(stored.store().counters().keptBytes()).isEqualTo(5_000);
    assertThat(stored.store().takeKept(key("a"))).isNull();
    large.close();
  }

  @Test
  void moreThanItsShareOfTheQuota_isNotKept() throws IOException {
    stored.restart(50 * MIB);
    leave("a", 4 * MIB);
    leave("b", 4 * MIB);

    assertThat(stored.store().counters().keptBytes()).isEqualTo(4 * MIB);
  }

  /** What is on the disk is not still to be written: nothing is evicted for it. */
  @Test
  void keptBytes_needNoFreeSpace() throws IOException {
    leave("a", 20 * MIB);
    stored.storage().usableBytes(24L * MIB);

    StagedBlob staged = stored.store().stage(key("b"), 5 * MIB);

    assertThat(stored.store().counters().keptBytes()).isEqualTo(20 * MIB);
    staged.close();
  }

  @Test
  void storedArtifact_needsNoBeginning() throws IOException {
    leave("a", 5_000);
    stored.put("a", new byte[100]);

    assertThat(stored.store().counters().keptBytes()).isZero();
    stored.await("its files are gone", () -> isSpoolEmpty());
  }

  private boolean isSpoolEmpty() {
    try {
      return spool().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kill may come between any two calls. */
  @Test
  void noteWithoutAFile_andOneThatIsTooLong_areSwept() throws IOException {
    leave("a", 5_000);
    leave("b", 5_000);
    leave("c", 5_000);
    List<String> names = spool();
    Files.delete(data.resolve("spool").resolve(names.get(1)));
    Files.writeString(data.resolve("spool").resolve(names.get(2)), "x".repeat(20_000));
    stored.restart(QUOTA);

    assertThat(spool()).hasSize(2);
    assertThat(stored.store().counters().keptBytes()).isEqualTo(5_000);
  }

  @Test
  void newFiles_doNotTakeTheNameOfAKeptOne() throws IOException {
    leave("a", 5_000);
    stored.restart(QUOTA);

    StagedBlob staged = stored.store().stage(key("b"), 10);
    staged.close();

    assertThat(stored.store().takeKept(key("a"))).isNotNull();
  }

  @Test
  void fileThatWasTakenAway_isNoBody() throws IOException {
    leave("a", 5_000);
    KeptBody body = taken("a");
    for (String name : spool()) {
      Files.delete(data.resolve("spool").resolve(name));
    }

    assertThatThrownBy(() -> stored.store().stage(body)).isInstanceOf(IOException.class);
    assertThat(stored.store().counters().reservedBytes()).isZero();
  }
}
