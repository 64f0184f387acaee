package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.Limits;
import dev.millrace.storage.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered is bounded by its bytes: an upstream decides how long its fields are. */
final class ArtifactIndexTest {
  private static final int ETAG_CHARS = 60_000;
  private static final int ARTIFACTS =
      3 * (int) (Limits.ofHeap(Limits.INDEX_HEAP_SHARE, Limits.INDEX_BYTES_MAX) / ETAG_CHARS);

  private final StoreFixture fixture;

  ArtifactIndexTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = StoreFixture.open(data);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private ArtifactIndex index() {
    return new ArtifactIndex(fixture.catalog(), new Lookups(Runnable::run), new KnownKeys());
  }

  private static StoredArtifact artifact(int number) {
    String etag = "\"" + "e".repeat(ETAG_CHARS) + number + "\"";
    return new StoredArtifact(
        new ArtifactKey("gen", "a" + number),
        StoreFixture.digestOf(new byte[0]),
        0,
        new ArtifactHead(null, null, null, null, etag, null, null),
        Proof.LENGTH,
        1,
        1,
        StoredArtifact.NEVER);
  }

  @Test
  void longFields_areFewEntries() {
    ArtifactIndex index = index();
    for (int i = 0; i < ARTIFACTS; i++) {
      index.put(artifact(i));
    }

    assertThat(index.size()).isBetween(1L, ARTIFACTS / 3L);
  }

  /** An entry stands there before its look-up has ended, and has to be weighed again. */
  @Test
  void longFields_thatWereLookedUp_areFewEntries() {
    for (int i = 0; i < ARTIFACTS; i++) {
      fixture.catalog().store(List.of(artifact(i)));
    }
    ArtifactIndex index = index();
    for (int i = 0; i < ARTIFACTS; i++) {
      Optional<StoredArtifact> found =
          StoreFixture.get(index.find(new ArtifactKey("gen", "a" + i)));
      assertThat(found).isPresent();
    }

    assertThat(index.size()).isBetween(1L, ARTIFACTS / 3L);
  }
}
