package dev.millrace.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.RangeRequest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings;
import dev.millrace.store.StoreFixture;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Fills on real loops, real fill threads, and a real store behind planted faults; only the upstream
 * is made up. {@link #close} checks that nothing is left of them.
 */
final class FillFixture implements AutoCloseable {
  static final long STORE_BYTES = 1L << 30;
  static final long BUDGET_BYTES = 16 << 20;
  static final int FILLS_MAX = 64;
  static final long SEGMENT_THRESHOLD = 256 << 10;
  static final Duration RESUME_WAIT = Duration.ofMillis(300);

  final StoreFixture stored;
  final BodyBudget budget;
  final CountedEvents events = new CountedEvents();
  final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("loop", true), NioIoHandler.newFactory());
  final ScriptedFetcher upstream = new ScriptedFetcher(loops);
  final HeldExecutor threads;
  private final AtomicInteger uncaught = new AtomicInteger();
  private final ExecutorService pool;
  private final Duration resumeWait;
  private FillTable table;

  FillFixture(Path data) throws IOException {
    this(data, BUDGET_BYTES);
  }

  FillFixture(Path data, long budgetBytes) throws IOException {
    this(data, budgetBytes, RESUME_WAIT);
  }

  FillFixture(Path data, long budgetBytes, Duration resumeWait) throws IOException {
    this.resumeWait = resumeWait;
    stored = StoreFixture.open(data, STORE_BYTES);
    budget = new BodyBudget(budgetBytes);
    pool =
        Executors.newFixedThreadPool(
            2,
            Thread.ofPlatform()
                .daemon()
                .uncaughtExceptionHandler((thread, failure) -> uncaught.incrementAndGet())
                .factory());
    threads = new HeldExecutor(pool);
    table = newTable(FILLS_MAX);
  }

  /** Another table on the store that runs now. */
  FillTable newTable(int fillsMax) {
    table =
        new FillTable(
            new FillServices(
                upstream,
                stored.store(),
                budget,
                threads,
                new JdkDigestEngine(),
                stored.clock,
                System::nanoTime,
                events,
                SEGMENT_THRESHOLD,
                resumeWait),
            fillsMax);
    return table;
  }

  FillTable table() {
    return table;
  }

  /** Becomes the leader of a fill that has not started. */
  FillTable.Lead lead(FillOrder order) {
    return switch (table.join(order.key(), () -> order)) {
      case FillTable.Lead lead -> lead;
      case FillTable.Follow follow -> throw new AssertionError(follow);
      case FillTable.Full full -> throw new AssertionError(full);
    };
  }

  /** Leads and starts a fill whose leader reads it on some loop. */
  FillReader start(FillOrder order) {
    Fill fill = lead(order).fill();
    FillReader reader = reader(fill).start();
    fill.start();
    return reader;
  }

  /** A client that joined that fill. */
  FillReader reader(Fill fill) {
    return new FillReader(fill, loops.next(), 0);
  }

  /** Joins the running fill of that path from that offset. */
  FillReader follow(String path, long first) {
    return joined(path, first).start();
  }

  /** The same, not reading yet. */
  FillReader joined(String path, long first) {
    Fill fill = table.follow(StoreFixture.key(path));
    if (fill == null) {
      throw new AssertionError("nothing runs for " + path);
    }
    return new FillReader(fill, loops.next(), first);
  }

  /** The fill of that path. */
  Fill running(String path) {
    return table.running().stream()
        .filter(fill -> fill.order().key().equals(StoreFixture.key(path)))
        .findFirst()
        .orElseThrow();
  }

  static FillOrder order(String path, HeadRule rule) {
    return order(path, rule, new RemoteDraft().settings());
  }

  static FillOrder order(String path, HeadRule rule, RemoteSettings remote) {
    return order(path, rule, remote, new RangeRequest.Whole());
  }

  static FillOrder order(String path, HeadRule rule, RemoteSettings remote, RangeRequest asked) {
    return new FillOrder(
        StoreFixture.key(path), FetchRequest.get(remote, path), rule, asked, new RelaySink());
  }

  /** Stores whatever comes, promised to have those digests. */
  static HeadRule storing(Digest... promised) {
    HeadRule.Store store =
        new HeadRule.Store(
            ArtifactHead.EMPTY, List.of(promised), true, StoredArtifact.NEVER, false);
    return head -> store;
  }

  /** The same for what never changes at its upstream. */
  static HeadRule storingForEver(Digest... promised) {
    HeadRule.Store store =
        new HeadRule.Store(ArtifactHead.EMPTY, List.of(promised), true, StoredArtifact.NEVER, true);
    return head -> store;
  }

  /** The same for a remote that only reports. */
  static HeadRule reporting(Digest... promised) {
    HeadRule.Store store =
        new HeadRule.Store(
            ArtifactHead.EMPTY, List.of(promised), false, StoredArtifact.NEVER, false);
    return head -> store;
  }

  static RelaySink.Relayed relayed(FillOrder order) {
    return StoreFixture.get(((RelaySink) order.relay()).relayed());
  }

  static FillReader.Seen seen(FillReader reader) {
    return StoreFixture.get(reader.seen());
  }

  /** A body that does not repeat. */
  static byte[] body(int size) {
    byte[] body = new byte[size];
    new SplittableRandom(size).nextBytes(body);
    return body;
  }

  /** The client saw a failure, and before it nothing but the beginning of the body. */
  static void assertBroken(FillReader.Seen seen, byte[] body) {
    assertThat(seen.ending()).isEqualTo(FillReader.Ending.FAILED);
    assertThat(seen.bytes().length).isLessThanOrEqualTo(body.length);
    assertThat(Arrays.equals(seen.bytes(), Arrays.copyOf(body, seen.bytes().length)))
        .as("what was sent is the beginning of the body")
        .isTrue();
  }

  /** The client saw all of it and its end. */
  static void assertWhole(FillReader.Seen seen, byte[] body) {
    assertThat(seen.ending()).isEqualTo(FillReader.Ending.END);
    assertBytes(seen.bytes(), body);
  }

  /**
   * The same, or it came so late that it has to ask the store: where an equal blob was there
   * before, the commit keeps that one, and the staged file goes.
   */
  static void assertWholeOrStored(FillReader.Seen seen, byte[] body) {
    if (seen.ending() != FillReader.Ending.STORE) {
      assertWhole(seen, body);
    }
  }

  /** Without a page of numbers when they differ. */
  static void assertBytes(byte[] actual, byte[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    assertThat(Arrays.mismatch(actual, expected)).as("first byte that differs").isEqualTo(-1);
  }

  void await(String what, BooleanSupplier condition) {
    stored.await(what, condition);
  }

  /** No fill runs, no byte is reserved, nothing was thrown where nobody caught it. */
  void awaitQuiet() {
    await("no fill", () -> table.count() == 0 && table.running().isEmpty());
    await("the budget given back", () -> budget.usedBytes() == 0);
    assertThat(uncaught).as("uncaught exceptions on fill threads").hasValue(0);
  }

  @Override
  public void close() throws IOException {
    awaitQuiet();
    stored.checkWhole();
    pool.shutdown();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    stored.close();
  }
}
