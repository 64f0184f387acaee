package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract holds without faults, and the planted faults and crashes are real ones. */
final class FaultyStorageTest extends StorageContract {
  private final FileStorage files;
  private final Faults faults = new Faults();
  private final FaultyStorage faulty;

  FaultyStorageTest(@TempDir Path data) throws IOException {
    files = FileStorage.at(data, Runnable::run);
    faulty = new FaultyStorage(files, faults, 1);
  }

  @Override
  Storage storage() {
    return faulty;
  }

  @Override
  int openFiles() {
    return files.openFiles();
  }

  @Test
  void plannedCall_failsAndLaterOnesWork() throws IOException {
    faults.plan(2, Faults.Mode.ONCE);
    storage().stage().discard();
    assertThatThrownBy(() -> storage().stage()).isInstanceOf(IOException.class);
    assertThat(faults.met()).isTrue();
    storage().stage().discard();
  }

  @Test
  void persistentFault_staysUntilItIsPlannedAway() throws IOException {
    faults.plan(1, Faults.Mode.FROM_THEN_ON);
    assertThatThrownBy(() -> storage().stage()).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> storage().usableBytes()).isInstanceOf(IOException.class);
    faults.plan(0, Faults.Mode.ONCE);
    assertThat(storage().usableBytes()).isPositive();
  }

  @Test
  void faultAfterTheCall_leavesItsEffect() throws IOException {
    StagedFile staged = staged("river");
    staged.sync();
    faults.plan(1, Faults.Mode.ONCE_AFTER);
    assertThatThrownBy(() -> storage().publish(staged, digestOf("river")))
        .isInstanceOf(IOException.class);
    staged.discard();
    assertThat(read(digestOf("river"))).isEqualTo("river");
  }

  @Test
  void crash_keepsWhatWasSynced() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      Faults own = new Faults();
      Storage crashing = new FaultyStorage(files, own, seed);
      Digest digest = digestOf("brook");
      StagedFile staged = crashing.stage();
      staged.file().write(bytes("brook"), 0);
      staged.sync();
      crashing.publish(staged, digest);
      crashing.syncPublished(List.of(digest));
      own.crash();
      staged.discard();
      assertThat(text(files, digest)).isEqualTo("brook");
      files.delete(digest);
    }
  }

  @Test
  void crash_losesUnsyncedNamesBySeed() throws IOException {
    Set<Boolean> outcomes = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      Faults own = new Faults();
      Storage crashing = new FaultyStorage(files, own, seed);
      StagedFile staged = crashing.stage();
      staged.file().write(bytes("brook"), 0);
      staged.sync();
      crashing.publish(staged, digestOf("brook"));
      own.crash();
      staged.discard();
      outcomes.add(files.sizeBytes(digestOf("brook")).isPresent());
      files.delete(digestOf("brook"));
    }
    assertThat(outcomes).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void crash_cutsABlobThatWasNamedWithoutASync() throws IOException {
    Set<Long> sizes = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      Faults own = new Faults();
      Storage crashing = new FaultyStorage(files, own, seed);
      StagedFile staged = crashing.stage();
      staged.file().write(bytes("brook"), 0);
      crashing.publish(staged, digestOf("brook"));
      crashing.syncPublished(List.of(digestOf("brook")));
      own.crash();
      staged.discard();
      sizes.add(files.sizeBytes(digestOf("brook")).orElseThrow());
      files.delete(digestOf("brook"));
    }
    assertThat(sizes).hasSizeGreaterThan(2);
  }

  @Test
  void crash_leavesStagedFilesForTheSweep() throws IOException {
    int left = 0;
    for (int seed = 0; seed < 20; seed++) {
      Faults own = new Faults();
      Storage crashing = new FaultyStorage(files, own, seed);
      StagedFile staged = crashing.stage();
      staged.file().write(bytes("brook"), 0);
      own.crash();
      staged.discard();
      assertThatThrownBy(crashing::stage).isInstanceOf(IOException.class);
      left += files.sweepStaged(List.of());
    }
    assertThat(left).isBetween(1, 19);
  }

  @Test
  void failedSync_losesBytes() throws IOException {
    StagedFile staged = staged("river");
    faults.plan(1, Faults.Mode.ONCE);
    assertThatThrownBy(staged::sync).isInstanceOf(IOException.class);
    assertThat(text(staged.file())).hasSize(5).startsWith("ri").doesNotEndWith("ver");
    assertThatThrownBy(staged::sync).isInstanceOf(AssertionError.class);
    staged.discard();
  }

  private static String text(Storage storage, Digest digest) throws IOException {
    OpenFile file = storage.open(digest);
    try {
      return text(file);
    } finally {
      file.release();
    }
  }
}
