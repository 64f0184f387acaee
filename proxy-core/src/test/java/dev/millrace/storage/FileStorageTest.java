package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on local files, and the layout of the data folder. */
final class FileStorageTest extends StorageContract {
  private final Path data;
  private final FileStorage files;

  FileStorageTest(@TempDir Path data) throws IOException {
    this.data = data;
    this.files = FileStorage.at(data, Runnable::run);
  }

  @Override
  Storage storage() {
    return files;
  }

  @Override
  int openFiles() {
    return files.openFiles();
  }

  @Test
  void layout_isTheOneOfTheDocument() throws IOException {
    Digest digest = store("hello\n");

    assertThat(digest.hex())
        .isEqualTo("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    assertThat(data.resolve("blobs/sha256/58").resolve(digest.hex())).hasContent("hello\n");
    StagedFile staged = staged("half");
    try (var spool = Files.list(data.resolve("spool"))) {
      assertThat(spool).singleElement().asString().matches(".*/[0-9]+\\.part");
    }
    staged.discard();
  }

  @Test
  void reopened_findsWhatWasStored() throws IOException {
    Digest digest = store("river");
    FileStorage reopened = FileStorage.at(data, Runnable::run);
    OpenFile file = reopened.open(digest);
    assertThat(text(file)).isEqualTo("river");
    file.release();
  }

  @Test
  void list_leavesUnknownFilesAloneAndCountsThem() throws IOException {
    Digest digest = store("hello\n");
    Path shard = data.resolve("blobs/sha256/58");
    Files.writeString(shard.resolve("notes.txt"), "x");
    Files.writeString(shard.resolve("00" + digest.hex().substring(2)), "a blob of another shard");

    assertThat(storage().list(0x58, blob -> assertThat(blob.digest()).isEqualTo(digest)))
        .isEqualTo(2);
    assertThat(shard.resolve("notes.txt")).exists();
  }

  @Test
  void directoryInPlaceOfABlob_isNoFileAndCanBeReplaced() throws IOException {
    Digest digest = digestOf("river");
    Path place = data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2));
    Files.createDirectories(place.resolve(digest.hex()).resolve("in it"));

    assertThat(storage().sizeBytes(digest)).hasValue(Storage.NOT_A_FILE);
    assertThatThrownBy(() -> storage().open(digest)).isInstanceOf(NoSuchFileException.class);
    store("river");
    assertThat(read(digest)).isEqualTo("river");
  }

  @Test
  void symbolicLinkInPlaceOfABlob_isNotFollowed() throws IOException {
    Path target = Files.writeString(data.resolve("elsewhere"), "river");
    Digest digest = digestOf("river");
    Path place = data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2));
    Files.createDirectories(place);
    Files.createSymbolicLink(place.resolve(digest.hex()), target);

    assertThatThrownBy(() -> storage().open(digest)).isInstanceOf(NoSuchFileException.class);
    storage().delete(digest);
    assertThat(target).exists();
  }

  @Test
  void shardFolderThatWasTakenAway_comesBackWithTheNextBlob() throws IOException {
    Digest digest = store("hello\n");
    storage().delete(digest);
    Files.delete(data.resolve("blobs/sha256/58"));
    assertThat(read(store("hello\n"))).isEqualTo("hello\n");
  }

  @Test
  void sweepStaged_leavesForeignFilesAlone() throws IOException {
    Path foreign = Files.writeString(data.resolve("spool/readme"), "x");
    assertThat(storage().sweepStaged(List.of())).isZero();
    assertThat(foreign).exists();
  }

  @Test
  void lastRelease_closesOnTheCloser() throws IOException {
    Digest digest = store("river");
    Queue<Runnable> closes = new ArrayDeque<>();
    FileStorage other = FileStorage.at(data, closes::add);
    OpenFile file = other.open(digest);

    file.release();

    assertThat(file.channel().isOpen()).isTrue();
    assertThat(closes).hasSize(1);
    closes.remove().run();
    assertThat(file.channel().isOpen()).isFalse();
    assertThat(other.openFiles()).isZero();
  }
}
