package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.SqliteCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The filter never denies a key that is there, and seldom lets one pass that is not. */
final class KnownKeysTest {
  private static final int KEYS = 50_000;

  @TempDir private Path folder;

  private static ArtifactKey key(int number) {
    return new ArtifactKey("remote-" + number % 7, "pool/main/p/package_" + number + "_amd64.deb");
  }

  @Test
  void keysOfTheCatalog_andThoseAddedLater_areKnown_othersSeldom() {
    KnownKeys known = new KnownKeys();
    assertThat(known.mayKnow(key(1))).as("before the catalog was read").isTrue();
    try (Catalog catalog = SqliteCatalog.open(folder.resolve("catalog.sqlite"))) {
      List<StoredArtifact> stored = new ArrayList<>();
      Digest digest = Digest.sha256("ab".repeat(32));
      for (int i = 0; i < 1000; i++) {
        stored.add(
            new StoredArtifact(key(i), digest, 1, ArtifactHead.EMPTY, Proof.LENGTH, 1, 1, 1000));
      }
      catalog.store(stored);
      known.load(catalog);
    }
    for (int i = 1000; i < KEYS; i++) {
      known.add(key(i));
    }

    for (int i = 0; i < KEYS; i++) {
      assertThat(known.mayKnow(key(i))).isTrue();
    }
    int wrong = 0;
    for (int i = KEYS; i < 2 * KEYS; i++) {
      wrong += known.mayKnow(key(i)) ? 1 : 0;
    }
    assertThat(wrong).as("wrong perhapses of " + KEYS).isLessThan(KEYS / 200);
  }

  @Test
  void remoteAndPath_areNotRunTogether() {
    KnownKeys known = new KnownKeys();
    try (Catalog catalog = SqliteCatalog.open(folder.resolve("catalog.sqlite"))) {
      known.load(catalog);
    }
    known.add(new ArtifactKey("a", "b/c"));

    assertThat(known.mayKnow(new ArtifactKey("a", "b/c"))).isTrue();
    assertThat(known.mayKnow(new ArtifactKey("ab", "/c"))).isFalse();
    assertThat(known.mayKnow(new ArtifactKey("b", "a/c"))).isFalse();
  }
}
