package dev.millrace.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link Catalog} does. */
abstract class CatalogContract extends PromiseContract {
  private static final ArtifactKey KEY = new ArtifactKey("gen", "a/b.bin?x=1");
  private static final ArtifactKey OTHER = new ArtifactKey("gen", "a/c.bin");
  private static final Digest D1 = digest(1);
  private static final Digest D2 = digest(2);
  private static final Digest D3 = digest(3);

  /** A connection of one's own to its database. */
  abstract Connection connect() throws SQLException;

  /** How often the artifact was asked for. */
  private long hits(ArtifactKey key) {
    try (Connection connection = connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT hits FROM artifacts WHERE remote = ? AND path = ?")) {
      query.setString(1, key.remote());
      query.setString(2, key.path());
      try (ResultSet row = query.executeQuery()) {
        assertThat(row.next()).isTrue();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a statement behind the catalog's back. */
  final void execute(String statement) throws SQLException {
    try (Connection connection = connect();
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  @Test
  void find_ofAnUnknownKey_isEmpty() {
    assertThat(catalog().find(KEY)).isEmpty();
  }

  @Test
  void storedArtifact_isFoundWithEveryField() {
    StoredArtifact full =
        new StoredArtifact(
            KEY,
            D1,
            5L << 40,
            new ArtifactHead(
                "text/x", "gzip", "inline", "de", "W/\"e\"", "yesterday", "<b>; rel=next"),
            Proof.LAST_CHUNK,
            11,
            12,
            StoredArtifact.NEVER);
    StoredArtifact bare =
        new StoredArtifact(OTHER, D2, 0, ArtifactHead.EMPTY, Proof.DIGEST, 1, 2, 3);

    catalog().store(List.of(full, bare));

    assertThat(catalog().find(KEY)).contains(full);
    assertThat(catalog().find(OTHER)).contains(bare);
  }

  @Test
  void keysThatLookAlike_areApart() {
    catalog()
        .store(
            List.of(
                artifact(new ArtifactKey("a", "b/c"), D1, 1, 0),
                artifact(new ArtifactKey("a/b", "c"), D2, 2, 0),
                artifact(new ArtifactKey("a", "B/c"), D3, 3, 0),
                artifact(new ArtifactKey("a", "b%2fc"), digest(4), 4, 0),
                artifact(new ArtifactKey("a", "b/ü' OR 1=1 --"), digest(5), 5, 0),
                artifact(new ArtifactKey("a", "b/c", "v"), digest(6), 6, 0)));

    assertThat(catalog().find(new ArtifactKey("a", "b/c")).orElseThrow().sizeBytes()).isEqualTo(1);
    assertThat(catalog().find(new ArtifactKey("a/b", "c")).orElseThrow().sizeBytes()).isEqualTo(2);
    assertThat(catalog().find(new ArtifactKey("a", "B/c")).orElseThrow().sizeBytes()).isEqualTo(3);
    assertThat(catalog().find(new ArtifactKey("a", "b%2fc")).orElseThrow().sizeBytes())
        .isEqualTo(4);
    assertThat(catalog().find(new ArtifactKey("a", "b/ü' OR 1=1 --"))).isPresent();
    ArtifactKey variant = new ArtifactKey("a", "b/c", "v");
    assertThat(catalog().find(variant).orElseThrow().sizeBytes()).isEqualTo(6);
    assertThat(catalog().find(new ArtifactKey("a", "b/c", "w"))).isEmpty();
    catalog().touch(Map.of(variant, new Access(1, 9)));
    assertThat(catalog().removeBlob(digest(6)).keys()).containsExactly(variant);
  }

  @Test
  void store_countsEachBlobOnce() {
    BlobChange first = catalog().store(List.of(artifact(KEY, D1, 10, 0)));
    BlobChange again = catalog().store(List.of(artifact(OTHER, D1, 10, 0)));

    assertThat(first).isEqualTo(new BlobChange(10, List.of()));
    assertThat(again).isEqualTo(new BlobChange(0, List.of()));
    assertThat(catalog().totalBlobBytes()).isEqualTo(10);
    assertThat(catalog().sizeBytes(D1)).hasValue(10);
    assertThat(catalog().sizeBytes(D2)).isEmpty();
  }

  @Test
  void store_ontoAKey_replacesItAndRemovesItsUnnamedBlob() {
    catalog().store(List.of(artifact(KEY, D1, 10, 0)));

    BlobChange change = catalog().store(List.of(artifact(KEY, D2, 7, 0)));

    assertThat(change).isEqualTo(new BlobChange(-3, List.of(D1)));
    assertThat(catalog().find(KEY).orElseThrow().digest()).isEqualTo(D2);
    assertThat(catalog().hasBlob(D1)).isFalse();
    assertThat(catalog().totalBlobBytes()).isEqualTo(7);
  }

  @Test
  void store_ontoAKey_keepsABlobThatAnotherKeyNames() {
    catalog().store(List.of(artifact(KEY, D1, 10, 0), artifact(OTHER, D1, 10, 0)));

    BlobChange change = catalog().store(List.of(artifact(KEY, D2, 7, 0)));

    assertThat(change).isEqualTo(new BlobChange(7, List.of()));
    assertThat(catalog().find(OTHER).orElseThrow().digest()).isEqualTo(D1);
  }

  @Test
  void store_ofTheSameAgain_changesNothing() {
    catalog().store(List.of(artifact(KEY, D1, 10, 0)));
    assertThat(catalog().store(List.of(artifact(KEY, D1, 10, 5))))
        .isEqualTo(new BlobChange(0, List.of()));
    assertThat(catalog().find(KEY).orElseThrow().storedAtMillis()).isEqualTo(5);
  }

  @Test
  void store_ofSeveralVersionsOfAKey_keepsTheLast() {
    BlobChange change =
        catalog()
            .store(
                List.of(artifact(KEY, D1, 1, 0), artifact(KEY, D2, 2, 0), artifact(KEY, D3, 4, 0)));

    assertThat(change.bytesDelta()).isEqualTo(4);
    assertThat(change.removed()).containsExactlyInAnyOrder(D1, D2);
    assertThat(catalog().find(KEY).orElseThrow().digest()).isEqualTo(D3);
  }

  @Test
  void store_thatLetsABlobGoAndNamesItAgain_keepsIt() {
    catalog().store(List.of(artifact(KEY, D1, 1, 0)));

    BlobChange change =
        catalog().store(List.of(artifact(KEY, D2, 2, 0), artifact(OTHER, D1, 1, 0)));

    assertThat(change).isEqualTo(new BlobChange(2, List.of()));
    assertThat(catalog().hasBlob(D1)).isTrue();
  }

  @Test
  void store_withAnotherSizeForABlob_correctsIt() {
    catalog().store(List.of(artifact(KEY, D1, 10, 0)));
    assertThat(catalog().store(List.of(artifact(OTHER, D1, 12, 0))))
        .isEqualTo(new BlobChange(2, List.of()));
    assertThat(catalog().find(KEY).orElseThrow().sizeBytes()).isEqualTo(12);
  }

  @Test
  void refresh_setsTheTimesOfTheBlobThatWasConfirmed() {
    StoredArtifact stored = artifact(KEY, D1, 10, 0);
    catalog().store(List.of(stored));

    assertThat(catalog().refresh(stored.refreshed(77, 99))).isTrue();

    assertThat(catalog().find(KEY)).contains(stored.refreshed(77, 99));
  }

  @Test
  void refresh_ofAReplacedArtifact_changesNothing() {
    StoredArtifact old = artifact(KEY, D1, 10, 0);
    StoredArtifact current = artifact(KEY, D2, 10, 0);
    catalog().store(List.of(old));
    catalog().store(List.of(current));

    assertThat(catalog().refresh(old.refreshed(77, 99))).isFalse();
    assertThat(catalog().refresh(artifact(OTHER, D1, 10, 0))).isFalse();

    assertThat(catalog().find(KEY)).contains(current);
  }

  @Test
  void removeBlob_takesEveryArtifactThatNamesIt() {
    catalog()
        .store(
            List.of(
                artifact(KEY, D1, 10, 0),
                artifact(OTHER, D1, 10, 0),
                artifact(new ArtifactKey("gen", "d"), D2, 5, 0)));

    BlobRemoval removal = catalog().removeBlob(D1);

    assertThat(removal.sizeBytes()).isEqualTo(10);
    assertThat(removal.keys()).containsExactlyInAnyOrder(KEY, OTHER);
    assertThat(catalog().find(KEY)).isEmpty();
    assertThat(catalog().find(OTHER)).isEmpty();
    assertThat(catalog().totalBlobBytes()).isEqualTo(5);
    assertThat(catalog().removeBlob(D1)).isEqualTo(new BlobRemoval(0, List.of()));
  }

  @Test
  void leastRecentlyUsed_goesByTheLatestUseOfAnyArtifact() {
    ArtifactKey third = new ArtifactKey("gen", "d");
    catalog()
        .store(
            List.of(
                artifact(KEY, D1, 10, 100),
                artifact(OTHER, D2, 20, 200),
                artifact(third, D1, 10, 300)));

    assertThat(catalog().leastRecentlyUsed(10))
        .containsExactly(new BlobUse(D2, 20, 200), new BlobUse(D1, 10, 300));
    assertThat(catalog().leastRecentlyUsed(1)).containsExactly(new BlobUse(D2, 20, 200));
  }

  @Test
  void leastRecentlyUsed_namesABlobOnceWhenItsArtifactsAreEquallyOld() {
    List<StoredArtifact> same = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      same.add(artifact(new ArtifactKey("gen", "copy" + i), D1, 10, 100));
    }
    catalog().store(same);
    assertThat(catalog().leastRecentlyUsed(10)).containsExactly(new BlobUse(D1, 10, 100));
  }

  @Test
  void touch_movesLastAccessForwardOnlyAndAddsHits() {
    catalog().store(List.of(artifact(KEY, D1, 10, 100), artifact(OTHER, D2, 20, 200)));

    catalog()
        .touch(
            Map.of(
                KEY,
                new Access(3, 500),
                OTHER,
                new Access(2, 150),
                new ArtifactKey("gen", "gone"),
                new Access(1, 900)));

    assertThat(catalog().leastRecentlyUsed(10))
        .containsExactly(new BlobUse(D2, 20, 200), new BlobUse(D1, 10, 500));
    assertThat(hits(KEY)).isEqualTo(3);
    assertThat(hits(OTHER)).isEqualTo(2);
  }

  @Test
  void hits_surviveAReplacement() {
    catalog().store(List.of(artifact(KEY, D1, 10, 100)));
    catalog().touch(Map.of(KEY, new Access(3, 500)));
    catalog().store(List.of(artifact(KEY, D2, 10, 200)));
    assertThat(hits(KEY)).isEqualTo(3);
    assertThat(catalog().leastRecentlyUsed(1)).containsExactly(new BlobUse(D2, 10, 500));
  }

  @Test
  void listBlobs_visitsEachShardApartAndWhole() {
    List<StoredArtifact> many = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      String hex = "ab" + HexFormat.of().toHexDigits(i) + "0".repeat(54);
      many.add(artifact(new ArtifactKey("gen", "p" + i), Digest.sha256(hex), i, i));
    }
    many.add(artifact(KEY, Digest.sha256("ab" + "f".repeat(62)), 1, 7));
    many.add(artifact(OTHER, Digest.sha256("ac" + "0".repeat(62)), 2, 8));
    catalog().store(many);

    List<BlobUse> found = new ArrayList<>();
    catalog().listBlobs(0xab, found::add);

    assertThat(found).hasSize(2501).doesNotHaveDuplicates();
    assertThat(found.getLast()).isEqualTo(new BlobUse(Digest.sha256("ab" + "f".repeat(62)), 1, 7));
    List<BlobUse> next = new ArrayList<>();
    catalog().listBlobs(0xac, next::add);
    assertThat(next).hasSize(1);
    catalog().listBlobs(0xff, blob -> assertThat(blob).isNull());
  }

  @Test
  void listKeys_ofMoreThanAPage_visitsEachOnce() {
    List<StoredArtifact> many = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      // In no order, and of letters that a locale would sort otherwise than their bytes.
      String path = (i * 7919 % 2500) + (i % 2 == 0 ? "/B-ä" : "/b_A");
      many.add(artifact(new ArtifactKey("gen", path, i % 3 == 0 ? "v" : ""), D1, 1, i));
    }
    catalog().store(many);

    List<ArtifactKey> found = new ArrayList<>();
    catalog().listKeys(found::add);

    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(many.stream().map(StoredArtifact::key).toList());
  }

  @Test
  void listKeys_visitsEachArtifactOnce() {
    assertThat(catalog().artifactCount()).isZero();
    ArtifactKey other = new ArtifactKey("other", KEY.path());
    catalog().store(List.of(artifact(KEY, digest(1), 10, 5), artifact(other, digest(1), 10, 5)));

    List<ArtifactKey> found = new ArrayList<>();
    catalog().listKeys(found::add);

    assertThat(found).containsExactlyInAnyOrder(KEY, other);
    assertThat(catalog().artifactCount()).isEqualTo(2);
  }

  @Test
  void listBlobs_letsTheVisitorCallTheCatalog() {
    catalog().store(List.of(artifact(KEY, D1, 10, 0)));
    catalog().listBlobs(0, blob -> catalog().removeBlob(blob.digest()));
    assertThat(catalog().hasBlob(D1)).isFalse();
  }

  @Test
  void writersAndReaders_atOnce_allSucceed() throws Exception {
    int writers = 4;
    CountDownLatch together = new CountDownLatch(writers);
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int writer = w;
        ends.add(
            threads.submit(() -> {
              together.countDown();
              together.await();
              for (int i = 0; i < 25; i++) {
                ArtifactKey key = new ArtifactKey("gen", writer + "/" + i % 5);
                catalog().store(List.of(artifact(key, digest(100 + i), 1, i)));
                catalog().touch(Map.of(key, new Access(1, i)));
                assertThat(catalog().find(key)).isPresent();
              }
              return null;
            }));
      }
      for (Future<?> end : ends) {
        end.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(hits(new ArtifactKey("gen", "0/0"))).isEqualTo(5);
    assertThat(catalog().totalBlobBytes()).isEqualTo(5);
  }

  /** The catalog's own promise, asked of the database. */
  final void assertNothingDangles() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT (SELECT COUNT(*) FROM artifacts a
                        WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha256 = a.sha256)),
                       (SELECT COUNT(*) FROM blobs b
                        WHERE NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.sha256 = b.sha256))
                """)) {
      assertThat(row.next()).isTrue();
      assertThat(row.getLong(1)).as("artifacts without a blob").isZero();
      assertThat(row.getLong(2)).as("blobs without an artifact").isZero();
    }
  }

  /** Eviction and recovery walk all rows: one that is damaged must not end them. */
  @Test
  void blobRowThatIsNoDigest_isPassedOver() throws SQLException {
    catalog().store(List.of(artifact(KEY, D1, 10, 5)));
    execute("INSERT INTO blobs VALUES ('00" + "F".repeat(62) + "', 7, 1)");
    execute(
        "INSERT INTO artifacts (remote, path, sha256, proof, stored_at, validated_at, expires_at,"
            + " hits, last_access, first_seen)"
            + " SELECT remote, 'damaged', '00"
            + "F".repeat(62)
            + "', proof, stored_at,"
            + " validated_at, expires_at, hits, 0, first_seen FROM artifacts");

    List<BlobUse> listed = new ArrayList<>();
    catalog().listBlobs(0, listed::add);

    assertThat(listed).extracting(BlobUse::digest).containsExactly(D1);
    assertThat(catalog().leastRecentlyUsed(10)).extracting(BlobUse::digest).containsExactly(D1);
  }

  @Test
  void rowOfAnUnknownKind_countsAsAbsentAndIsReplaced() throws SQLException {
    catalog().store(List.of(artifact(KEY, D1, 10, 5)));
    execute("UPDATE artifacts SET proof = 'vision'");

    assertThat(catalog().find(KEY)).isEmpty();

    catalog().store(List.of(artifact(KEY, D1, 10, 6)));
    assertThat(catalog().find(KEY)).isPresent();
  }

  /** Makes an artifact with the path {@code second} fail with the word {@code planted}. */
  abstract void plantAFailure() throws SQLException;

  @Test
  void failedTransaction_changesNothing() throws SQLException {
    plantAFailure();

    assertThatThrownBy(() ->
            catalog()
                .store(
                    List.of(
                        artifact(KEY, D1, 10, 5),
                        artifact(new ArtifactKey("gen", "second"), D2, 20, 5))))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("planted")
        .extracting(e -> ((CatalogException) e).effect())
        .isEqualTo(CatalogException.Effect.NONE);

    assertThat(catalog().find(KEY)).isEmpty();
    assertThat(catalog().totalBlobBytes()).isZero();
    catalog().store(List.of(artifact(KEY, D1, 10, 5)));
    assertThat(catalog().find(KEY)).isPresent();
  }

  @Test
  void closedCatalog_saysSo() {
    catalog().close();
    assertThatThrownBy(() -> catalog().find(KEY)).isInstanceOf(CatalogException.class);
  }

  /** What V1 wrote, for a test that brings it up to date. */
  static void fillFirstRelease(Connection connection, StoredArtifact stored) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO blobs VALUES ('%s', 10, 5)".formatted(stored.digest().hex()));
      statement.execute(
          """
          INSERT INTO artifacts (remote, path, sha256, proof, stored_at, validated_at, expires_at,
                                 hits, last_access, first_seen)
          VALUES ('gen', 'k', '%s', 'length', 5, 5, %d, 7, 5, 5)
          """
              .formatted(stored.digest().hex(), stored.expiresAtMillis()));
    }
  }

  static void assertKnowsTheFirstRelease(Catalog now, StoredArtifact stored) {
    assertThat(now.find(stored.key())).map(StoredArtifact::digest).contains(stored.digest());
    assertThat(now.totalBlobBytes()).isEqualTo(10);
    now.store(List.of(artifact(new ArtifactKey("gen", "k", "accept:x"), digest(2), 20, 6)));
    assertThat(now.artifactCount()).isEqualTo(2);
  }

  static StoredArtifact artifact(ArtifactKey key, Digest digest, long size, long storedAt) {
    return new StoredArtifact(
        key, digest, size, ArtifactHead.EMPTY, Proof.LENGTH, storedAt, storedAt, 1000);
  }

  static Digest digest(int number) {
    return Digest.sha256("00".repeat(28) + HexFormat.of().toHexDigits(number));
  }
}
