package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Remembers what a fetch said, and checks that it said it in the order that the seam promises. */
final class RecordingSink implements FetchSink {
  /**
   * How a fetch ended.
   *
   * @param head its head, null when it failed before
   * @param text what came of the body, one character for each byte
   * @param end how the body ended, null when it failed
   * @param failure why it failed, null when it ended
   * @param detail for the log
   */
  record Outcome(
      @Nullable FetchHead head,
      String text,
      @Nullable BodyEnd end,
      @Nullable FetchFailure failure,
      String detail) {
    int status() {
      return head == null ? 0 : head.status();
    }

    /** Short, for tables: {@code 200 LENGTH_MET hello}, {@code BAD_MESSAGE}, {@code 200 RESET}. */
    String summary() {
      String start = head == null ? "" : status() + " ";
      return failure != null ? start + failure : start + end + (text.isEmpty() ? "" : " " + text);
    }
  }

  private final boolean manual;
  private final CompletableFuture<FetchHead> head = new CompletableFuture<>();
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private volatile @Nullable FetchFlow flow;
  private volatile @Nullable Throwable fault;
  private boolean outstanding;
  private long sinceRead;
  private boolean firstRead = true;

  private RecordingSink(boolean manual) {
    this.manual = manual;
  }

  /** Reads on by itself. */
  static RecordingSink eager() {
    return new RecordingSink(false);
  }

  /** Reads when {@link #read} says so. */
  static RecordingSink patient() {
    return new RecordingSink(true);
  }

  @Override
  public void onHead(FetchHead received, FetchFlow given) {
    check(!head.isDone() && !outcome.isDone(), "a head out of turn");
    check(given.loop().inEventLoop(), "on a foreign thread");
    flow = given;
    head.complete(received);
    if (!manual) {
      readOn();
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    try {
      check(head.isDone() && !outcome.isDone(), "a piece out of turn");
      check(piece.isDirect(), "a piece on the heap");
      int length = piece.readableBytes();
      check(length > 0, "an empty piece");
      sinceRead += length;
      check(firstRead || sinceRead <= Limits.READ_BUFFER_BYTES, "more than was asked for");
      byte[] copy = new byte[length];
      piece.readBytes(copy);
      body.writeBytes(copy);
      bytes.addAndGet(length);
    } finally {
      piece.release();
    }
  }

  @Override
  public void onReadComplete() {
    check(outstanding, "a read that nobody asked for");
    outstanding = false;
    reads.incrementAndGet();
    if (!manual) {
      readOn();
    }
  }

  @Override
  public void onEnd(BodyEnd end) {
    check(head.isDone(), "an end without a head");
    finish(
        new Outcome(head.getNow(null), body.toString(StandardCharsets.ISO_8859_1), end, null, ""));
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    finish(
        new Outcome(
            head.getNow(null), body.toString(StandardCharsets.ISO_8859_1), null, reason, detail));
  }

  /** Allows one read, from the loop. */
  void read() {
    flow().loop().execute(this::readOn);
  }

  void cancel() {
    flow().cancel();
  }

  FetchFlow flow() {
    FetchFlow given = flow;
    if (given == null) {
      throw new IllegalStateException("no head yet");
    }
    return given;
  }

  long bytes() {
    return bytes.get();
  }

  long reads() {
    return reads.get();
  }

  boolean isDone() {
    return outcome.isDone();
  }

  FetchHead awaitHead() throws InterruptedException {
    return await(head);
  }

  Outcome await() throws InterruptedException {
    Outcome ended = await(outcome);
    Throwable broken = fault;
    if (broken != null) {
      throw new AssertionError("the seam was broken", broken);
    }
    return ended;
  }

  private void readOn() {
    if (outcome.isDone()) {
      return;
    }
    // What came with the head is beside the first read.
    firstRead = sinceRead == 0 && reads.get() == 0;
    sinceRead = 0;
    outstanding = true;
    flow().read();
  }

  private void finish(Outcome ended) {
    check(!outcome.isDone(), "a second end: " + ended.summary());
    outcome.complete(ended);
  }

  private void check(boolean holds, String what) {
    if (!holds && fault == null) {
      fault = new AssertionError(what);
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
    try {
      return future.get(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the fetch did not get there", e);
    }
  }
}
