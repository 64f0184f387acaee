package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.BlobUse;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.FaultyCatalog;
import dev.millrace.catalog.SqliteCatalog;
import dev.millrace.config.SpoolLimits;
import dev.millrace.storage.Faults;
import dev.millrace.storage.FaultyStorage;
import dev.millrace.storage.FileStorage;
import dev.millrace.storage.OpenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A store on real files and a real SQLite catalog behind planted faults, with the checks that hold
 * after every test.
 *
 * <p>Look-ups run on the asking thread unless the test gives another executor, so that one thread's
 * calls have one order.
 */
public final class StoreFixture implements AutoCloseable {
  public static final long QUOTA = 1 << 20;
  static final SpoolLimits SPOOL = new SpoolLimits(Duration.ofHours(1), 64 << 20);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  final Path data;
  public final ManualClock clock = new ManualClock();
  final FileStorage files;
  private final Catalog database;
  private Faults faults = new Faults();
  private FaultyStorage storage;
  private FaultyCatalog catalog;
  private Executor blocking = Runnable::run;
  private LongConsumer nap = LockSupport::parkNanos;
  private BlobStore store;

  private StoreFixture(Path data, FileStorage files, Catalog database, long quota)
      throws IOException {
    this.data = data;
    this.files = files;
    this.database = database;
    this.storage = new FaultyStorage(files, faults, 0);
    this.catalog = new FaultyCatalog(database, faults);
    this.store = BlobStore.open(storage, catalog, quota, SPOOL, clock, threads());
  }

  public static StoreFixture open(Path data) throws IOException {
    return open(data, QUOTA);
  }

  /** On a new or an old folder; the comparison of files and rows is over when it returns. */
  public static StoreFixture open(Path data, long quota) throws IOException {
    StoreFixture fixture =
        new StoreFixture(
            data,
            FileStorage.at(data, Runnable::run),
            SqliteCatalog.open(data.resolve("catalog.db")),
            quota);
    fixture.await("recovery", fixture.store::recoveryDone);
    return fixture;
  }

  public BlobStore store() {
    return store;
  }

  Catalog catalog() {
    return catalog;
  }

  FaultyCatalog faultyCatalog() {
    return catalog;
  }

  public FaultyStorage storage() {
    return storage;
  }

  public Faults faults() {
    return faults;
  }

  /** Where the next store's look-ups run. */
  void blocking(Executor executor) {
    blocking = executor;
  }

  /** From the next store on, a commit waits for no others: its test makes one at a time. */
  void gatherNothing() {
    nap = nanos -> {};
  }

  /** Ends the store if it runs and opens another one on the same folder, without faults. */
  public void restart(long quota) throws IOException {
    store.close();
    newFaults(0);
    store = BlobStore.open(storage, catalog, quota, SPOOL, clock, threads());
    await("recovery", store::recoveryDone);
  }

  /** The same with faults that are planned before the store opens. */
  void restart(long quota, long seed, int nth, Faults.Mode mode) throws IOException {
    store.close();
    newFaults(seed);
    faults.plan(nth, mode);
    store = BlobStore.open(storage, catalog, quota, SPOOL, clock, threads());
  }

  private void newFaults(long seed) {
    faults = new Faults();
    storage = new FaultyStorage(files, faults, seed);
    catalog = new FaultyCatalog(database, faults);
  }

  private StoreThreads threads() {
    return new StoreThreads(Thread.ofPlatform().daemon().factory(), blocking, nap);
  }

  /** Stages, writes and commits a body, and waits until it is stored. */
  public StoredArtifact put(String path, byte[] body) throws IOException {
    Listener listener = new Listener();
    commit(path, body, listener);
    return listener.await();
  }

  /** Stages, writes and commits a body. */
  void commit(String path, byte[] body, CommitListener listener) throws IOException {
    StagedBlob staged = store.stage(key(path), body.length);
    staged.write(ByteBuffer.wrap(body), 0);
    store.commit(staged, artifact(path, body), listener);
  }

  StoredArtifact artifact(String path, byte[] body) {
    long now = clock.millis();
    return new StoredArtifact(
        key(path), digestOf(body), body.length, ArtifactHead.EMPTY, Proof.LENGTH, now, now, 1000);
  }

  public Optional<StoredArtifact> find(String path) {
    return get(store.find(key(path)));
  }

  /** Opens and reads the blob through the store. */
  public byte[] read(Digest digest) throws IOException {
    OpenFile file = get(store.open(digest));
    try {
      return bytes(file);
    } finally {
      file.release();
    }
  }

  Path pathOf(Digest digest) {
    return shardOf(digest).resolve(digest.hex());
  }

  Path shardOf(Digest digest) {
    return data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2));
  }

  /** Lets the writer finish everything that was asked of it before. */
  public void settle() {
    await("room in the writer's queue", () -> !store.flush().isCompletedExceptionally());
    get(store.flush());
  }

  public void await(String what, BooleanSupplier condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() ->
            assertThat(condition.getAsBoolean()).as("%s; %s", what, store.counters()).isTrue());
  }

  /**
   * Files and catalog agree, every blob hashes to its name, and nothing is reserved or left behind.
   */
  public void checkWhole() throws IOException {
    await("recovery", store::recoveryDone);
    settle();
    Map<Digest, Long> rows = new HashMap<>();
    for (int shard = 0; shard < Catalog.SHARDS; shard++) {
      catalog.listBlobs(shard, (BlobUse use) -> rows.put(use.digest(), use.sizeBytes()));
    }
    Map<Digest, Long> found = new HashMap<>();
    try (Stream<Path> tree = Files.walk(data.resolve("blobs"))) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        assertThat(digestOf(bytes).hex()).as("name").isEqualTo(file.getFileName().toString());
        found.put(digestOf(bytes), (long) bytes.length);
      }
    }
    assertThat(found).as("files and rows").isEqualTo(rows);
    // A fill is over for its readers a moment before its staged file is unlinked.
    await("an empty spool", this::isSpoolEmpty);
    StoreCounters counters = store.counters();
    assertThat(counters.reservedBytes()).as("reserved").isZero();
    assertThat(counters.usedBytes())
        .as("used")
        .isEqualTo(rows.values().stream().mapToLong(Long::longValue).sum());
  }

  private boolean isSpoolEmpty() {
    try (Stream<Path> spool = Files.list(data.resolve("spool"))) {
      return spool.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the store; every descriptor has been given back then. */
  @Override
  public void close() {
    store.close();
    assertThat(files.openFiles()).as("open files").isZero();
    database.close();
  }

  public static ArtifactKey key(String path) {
    return new ArtifactKey("gen", path);
  }

  public static byte[] body(int size, int fill) {
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) fill);
    return body;
  }

  public static byte[] bytes(OpenFile file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
    while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
      // Until it is full or the file ends.
    }
    return bytes.array();
  }

  public static Digest digestOf(byte[] body) {
    try {
      return Digest.of(DigestAlgorithm.SHA_256, MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The stage's value; its own failure as it was thrown. */
  public static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw rethrow(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static RuntimeException rethrow(Throwable cause) {
    return switch (cause) {
      case RuntimeException unchecked -> unchecked;
      case IOException io -> new UncheckedIOException(io);
      default -> new IllegalStateException(cause);
    };
  }

  /** Remembers what it was told, and that it was told once. */
  static final class Listener implements CommitListener {
    private final CompletableFuture<StoredArtifact> end = new CompletableFuture<>();

    @Override
    public void committed(StoredArtifact artifact) {
      assertThat(end.complete(artifact)).as("told once").isTrue();
    }

    @Override
    public void failed(Throwable cause) {
      assertThat(end.completeExceptionally(cause)).as("told once").isTrue();
    }

    StoredArtifact await() {
      return get(end);
    }

    CommitFailure failure() {
      try {
        StoredArtifact stored = await();
        throw new AssertionError("stored " + stored);
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof CommitException failure) {
          return failure.reason();
        }
        throw e;
      }
    }

    boolean isTold() {
      return end.isDone();
    }

    boolean isStored() {
      return end.isDone() && !end.isCompletedExceptionally();
    }
  }

  /** Holds the writer thread inside a listener, so that work queues up behind it. */
  static final class Gate implements CommitListener {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    @Override
    public void committed(StoredArtifact artifact) {
      reached.countDown();
      try {
        assertThat(opened.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }

    void awaitReached() throws InterruptedException {
      assertThat(reached.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    void open() {
      opened.countDown();
    }
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }
}
