package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Storage} does. */
abstract class StorageContract {
  /** The storage under test, the same for the length of a test. */
  abstract Storage storage();

  /** Files that are open at this moment. */
  abstract int openFiles();

  @AfterEach
  final void nothingIsLeft() throws IOException {
    assertThat(openFiles()).as("open files").isZero();
    assertThat(storage().sweepStaged(List.of())).as("staged files").isZero();
    assertThat(storage().listKept()).as("kept files").isEmpty();
    storage().close();
  }

  @Test
  void publishedBlob_isReadBackWithItsBytes() throws IOException {
    Digest digest = store("river");

    assertThat(read(digest)).isEqualTo("river");
    assertThat(storage().sizeBytes(digest)).hasValue(5);
  }

  @Test
  void stagedFile_isReadWhileItIsWritten() throws IOException {
    StagedFile staged = staged("riv");
    assertThat(text(staged.file())).isEqualTo("riv");
    staged.file().write(bytes("er"), 3);
    assertThat(text(staged.file())).isEqualTo("river");
    staged.discard();
  }

  @Test
  void stagedFile_hasNoNameBeforePublish() throws IOException {
    StagedFile staged = staged("river");
    staged.sync();
    assertThat(storage().sizeBytes(digestOf("river"))).isEmpty();
    assertThat(listed()).isEmpty();
    staged.discard();
  }

  @Test
  void discard_twice_isHarmless() throws IOException {
    StagedFile staged = staged("river");
    staged.discard();
    staged.discard();
    assertThat(openFiles()).isZero();
  }

  @Test
  void discard_afterPublish_keepsTheBlob() throws IOException {
    StagedFile staged = staged("river");
    staged.sync();
    assertThat(storage().publish(staged, digestOf("river"))).isEqualTo(Published.NAMED);
    staged.discard();
    assertThat(read(digestOf("river"))).isEqualTo("river");
  }

  @Test
  void discard_whileAReaderHoldsALease_closesLater() throws IOException {
    StagedFile staged = staged("river");
    OpenFile reader = staged.file();
    assertThat(reader.tryRetain()).isTrue();
    staged.discard();
    assertThat(text(reader)).isEqualTo("river");
    assertThat(openFiles()).isEqualTo(1);
    reader.release();
  }

  @Test
  void publish_ontoABlobOfTheSameSize_keepsThatOne() throws IOException {
    Digest digest = store("river");
    StagedFile staged = staged("RIVER");
    staged.sync();

    assertThat(storage().publish(staged, digest)).isEqualTo(Published.KEPT);
    assertThat(text(staged.file())).as("its readers go on").isEqualTo("RIVER");
    staged.discard();
    assertThat(read(digest)).isEqualTo("river");
  }

  @Test
  void publish_ontoABlobOfAnotherSize_replacesIt() throws IOException {
    Digest digest = store("river");
    OpenFile reader = storage().open(digest);
    StagedFile staged = staged("rivers");
    staged.sync();

    assertThat(storage().publish(staged, digest)).isEqualTo(Published.NAMED);
    staged.discard();
    assertThat(read(digest)).isEqualTo("rivers");
    assertThat(text(reader)).as("its readers go on").isEqualTo("river");
    reader.release();
  }

  @Test
  void emptyBlob_isABlob() throws IOException {
    Digest digest = store("");
    assertThat(storage().sizeBytes(digest)).hasValue(0);
    assertThat(read(digest)).isEmpty();
  }

  @Test
  void open_ofAnAbsentBlob_saysSo() {
    assertThatThrownBy(() -> storage().open(digestOf("river")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void delete_leavesOpenReadersAlone() throws IOException {
    Digest digest = store("river");
    OpenFile reader = storage().open(digest);

    storage().delete(digest);

    assertThat(text(reader)).isEqualTo("river");
    assertThat(storage().sizeBytes(digest)).isEmpty();
    reader.release();
  }

  @Test
  void delete_ofAnAbsentBlob_isHarmless() throws IOException {
    storage().delete(digestOf("river"));
  }

  @Test
  void list_visitsEachBlobInItsShardOnly() throws IOException {
    List<Digest> stored = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      stored.add(store("body " + i));
    }
    assertThat(listed())
        .extracting(PublishedBlob::digest)
        .containsExactlyInAnyOrderElementsOf(stored);
    int shard = Integer.parseInt(stored.getFirst().hex().substring(0, 2), 16);
    List<PublishedBlob> ofShard = new ArrayList<>();
    assertThat(storage().list(shard, ofShard::add)).isZero();
    assertThat(ofShard)
        .isNotEmpty()
        .allMatch(blob -> Integer.parseInt(blob.digest().hex().substring(0, 2), 16) == shard)
        .allMatch(blob -> blob.modifiedAtMillis() > 0);
  }

  @Test
  void sweepStaged_removesStagedFilesAndNoBlob() throws IOException {
    Digest digest = store("river");
    StagedFile left = staged("half a riv");

    assertThat(storage().sweepStaged(List.of())).isEqualTo(1);

    assertThat(read(digest)).isEqualTo("river");
    left.discard();
  }

  @Test
  void keptFile_isReopenedAsItWasLeft_andPublished() throws IOException {
    StagedFile left = staged("riv");
    left.describe("of a river");
    KeptFile kept = left.keep();
    left.discard();

    assertThat(kept.sizeBytes()).isEqualTo(3);
    assertThat(kept.isSure()).isTrue();
    assertThat(storage().listKept()).containsExactly(kept);
    assertThat(kept.note()).isEqualTo("of a river");
    assertThat(storage().sweepStaged(List.of(kept))).as("what is kept is not swept").isZero();
    StagedFile again = storage().reopen(kept);
    assertThat(text(again.file())).isEqualTo("riv");
    again.file().write(bytes("er"), 3);
    again.sync();
    storage().publish(again, digestOf("river"));
    again.discard();
    assertThat(read(digestOf("river"))).isEqualTo("river");
  }

  @Test
  void keptFile_isKeptAgain() throws IOException {
    StagedFile left = staged("riv");
    left.describe("of a river");
    StagedFile again = storage().reopen(left.keep());
    again.file().write(bytes("e"), 3);

    KeptFile kept = again.keep();

    assertThat(kept.sizeBytes()).isEqualTo(4);
    assertThat(kept.note()).isEqualTo("of a river");
    storage().drop(kept);
    storage().drop(kept);
    assertThatThrownBy(() -> storage().reopen(kept)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void discard_takesTheNoteWithIt() throws IOException {
    StagedFile staged = staged("riv");
    staged.describe("of a river");
    staged.discard();

    assertThat(storage().listKept()).isEmpty();
  }

  @Test
  void usableBytes_isPositive() throws IOException {
    assertThat(storage().usableBytes()).isPositive();
  }

  /** Stages, syncs, publishes and ends. */
  final Digest store(String text) throws IOException {
    Digest digest = digestOf(text);
    StagedFile staged = staged(text);
    staged.sync();
    storage().publish(staged, digest);
    storage().syncPublished(List.of(digest));
    staged.discard();
    return digest;
  }

  final StagedFile staged(String text) throws IOException {
    StagedFile staged = storage().stage();
    staged.file().write(bytes(text), 0);
    return staged;
  }

  final String read(Digest digest) throws IOException {
    OpenFile file = storage().open(digest);
    try {
      return text(file);
    } finally {
      file.release();
    }
  }

  final List<PublishedBlob> listed() throws IOException {
    List<PublishedBlob> found = new ArrayList<>();
    for (int shard = 0; shard < Storage.SHARDS; shard++) {
      storage().list(shard, found::add);
    }
    return found;
  }

  static String text(OpenFile file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    int length = Math.max(0, file.channel().read(buffer, 0));
    return new String(buffer.array(), 0, length, StandardCharsets.UTF_8);
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static Digest digestOf(String text) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      return Digest.of(DigestAlgorithm.SHA_256, hash.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
