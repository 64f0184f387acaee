package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;

import dev.millrace.artifact.StoredArtifact;
import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.OpenFile;
import dev.millrace.store.SmallBody;
import dev.millrace.store.StagedBlob;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.IllegalReferenceCountException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upstream body on its way into a staged file, read by any number of clients as it grows.
 *
 * <p>The file is the buffer. A piece is received into a direct buffer, written to the file by a
 * fill thread, published by moving the {@linkplain #frontier() frontier}, hashed while it is hot,
 * and released. Readers hold no piece: they send from the file what lies behind the frontier, at
 * their own pace. The life is drawn at {@link FillState}.
 *
 * <p>A small body takes a shorter way, through memory: see {@link SmallFill}.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: thread-safe. The state moves on the fetch's loop until the staged file is open,
 * then on one fill thread at a time, and at last on the store's writer.
 *
 * <p>Ownership: the fill holds the staged blob from {@code opened} until commit or failure, and a
 * lease of the open file until it is over and its last reader has left; each reader takes a lease
 * of its own.
 *
 * <p>Errors: a failed fill says why by {@link #failure()}; its readers must break their answers
 * visibly.
 */
public final class Fill {
  /** Reader count of a fill that was given up for want of readers: nobody can join it. */
  private static final int NOBODY_MAY_ENTER = Integer.MIN_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(Fill.class);

  private final FillOrder order;
  private final FillServices services;
  private final FillTable table;
  private final FillWakes wakes = new FillWakes();
  private final FillQueue queue;
  private final FillIntake intake;
  private final Segments segments;
  private final AtomicReference<FillState> state = new AtomicReference<>(FillState.OPENING);
  // The leader is in from the start: a follower that comes and goes at once must not end it.
  private final AtomicInteger readers = new AtomicInteger(1);
  private final AtomicBoolean leased = new AtomicBoolean();
  private final AtomicBoolean fetching = new AtomicBoolean(true);
  private final long startedNanos;
  private volatile long headNanos;
  private volatile long endNanos;
  private volatile long frontier;
  private volatile @Nullable FillHead head;
  private volatile @Nullable FetchHead answer;
  private volatile @Nullable FillFailure failure;
  private volatile @Nullable Diversion diversion;
  private volatile @Nullable StoredArtifact artifact;
  private volatile @Nullable OpenFile file;
  private volatile @Nullable SmallBody small;

  Fill(FillOrder order, FillServices services, FillTable table) {
    this.order = order;
    this.services = services;
    this.table = table;
    this.startedNanos = services.nanos().getAsLong();
    FillWriter writer = new FillWriter(this);
    this.queue = new FillQueue(services.threads(), writer);
    this.intake = new FillIntake(this, queue);
    this.segments = new Segments(this, queue, intake);
    writer.connect(queue, intake);
  }

  /**
   * Sends the request upstream; for the leader, once. Errors: a fetcher that throws, against its
   * contract, fails the fill.
   */
  public void start() {
    try {
      new Opening(this, intake).start();
    } catch (RuntimeException | AssertionError e) {
      LOG.error("the fetch of {} could not be started", order.key(), e);
      intake.failUnopened(new FillFailure(FetchFailure.INTERNAL, "the fetch could not be started"));
    }
  }

  /** What the leader ordered. */
  public FillOrder order() {
    return order;
  }

  /** Where it is in its life. */
  public FillState state() {
    return state.get();
  }

  /**
   * The head of a streaming or whole body. Errors: unchecked before {@link FillState#STREAMING}.
   */
  public FillHead head() {
    return present(head);
  }

  /** The upstream's answer that came without a body for us, once {@link FillState#ANSWERED}. */
  public FetchHead answer() {
    return present(answer);
  }

  /** Why it failed, once {@link FillState#FAILED}, or why its file is not to be believed. */
  public FillFailure failure() {
    return present(failure);
  }

  /** How its readers go on, once {@link FillState#DIVERTED}. */
  public Diversion diversion() {
    return present(diversion);
  }

  /** What will be, or is, in the catalog; once whole. */
  public StoredArtifact artifact() {
    return present(artifact);
  }

  /** Bytes from the start of the body that are in the file without a gap. */
  public long frontier() {
    return frontier;
  }

  /**
   * The end of what a reader may be given now from that position on; before it, or at it, there is
   * nothing. What would make a wrong body look complete waits for its proof: the last {@code
   * Limits.HOLD_BACK_BYTES} where a digest was promised, the last byte where only a length was
   * declared.
   */
  public long readableEnd(long position) {
    FillHead known = head;
    if (known == null) {
      return 0;
    }
    // The state is read first: once whole, the frontier read after it is the whole length.
    boolean whole = state.get().isWhole();
    long written = Math.max(frontier, segments.parts().writtenTo(position));
    long provable = known.lengthBytes() >= 0 ? known.lengthBytes() : written;
    if (whole || (known.expected().isEmpty() && known.lengthBytes() < 0)) {
      return written;
    }
    if (known.expected().isEmpty()) {
      // The last byte would make the answer whole, and the upstream may yet send more than it said.
      return segments.hasTail() ? written : Math.clamp(provable - 1, 0, written);
    }
    return Math.clamp(provable - HOLD_BACK_BYTES, 0, written);
  }

  /** How long its body is at least. Errors: unchecked before {@link FillState#STREAMING}. */
  public long knownBytes() {
    return Math.max(frontier, head().lengthBytes());
  }

  /** Nanoseconds from the start to the upstream's head; 0 before. */
  public long upstreamHeadNanos() {
    return headNanos == 0 ? 0 : headNanos - startedNanos;
  }

  /** Nanoseconds from the start to the end of the upstream's body; 0 before. */
  public long upstreamTotalNanos() {
    return endNanos == 0 ? 0 : endNanos - startedNanos;
  }

  /** Clients that read or wait. */
  public int readerCount() {
    return Math.max(0, readers.get());
  }

  /**
   * Opens a reader at that position, or null when the staged file is gone and the store has to be
   * asked. Ownership: the caller closes the cursor.
   *
   * @param end the first byte that it does not want, {@link Long#MAX_VALUE} for all
   * @param provenOnly whether it is given nothing before the whole body is proven
   */
  public @Nullable FillCursor open(EventLoop loop, long position, long end, boolean provenOnly) {
    OpenFile staged = file;
    boolean lost = state.get().isWhole() && isSpoiled();
    if (staged == null || lost || !staged.tryRetain()) {
      return null;
    }
    segments.asked(position, end, provenOnly);
    return new FillCursor(this, staged, loop, position, end, provenOnly);
  }

  /**
   * The whole body if it is in memory; null when it is in a file, or stored and gone from memory.
   * Ownership: retained for the caller.
   */
  public @Nullable ByteBuf openSmall() {
    SmallBody body = small;
    if (body == null) {
      return null;
    }
    try {
      body.retain();
    } catch (IllegalReferenceCountException e) {
      // Its last reader left before this one came.
      return null;
    }
    try {
      return body.bytes().retainedDuplicate();
    } finally {
      body.release();
    }
  }

  /**
   * The file of a whole body; null when it is in memory, or the staged file is gone and the store
   * has to be asked. Ownership: retained for the caller.
   */
  public @Nullable OpenFile openWhole() {
    OpenFile staged = file;
    if (staged == null || !state.get().isWhole() || isSpoiled()) {
      return null;
    }
    return staged.tryRetain() ? staged : null;
  }

  /** Counts a client in; false when the fill was given up for want of clients. */
  boolean enter() {
    while (true) {
      int now = readers.get();
      if (now < 0) {
        return false;
      }
      if (readers.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /**
   * Counts a client out that a join has counted in; the last one ends the fill if the remote wants
   * no fill without clients.
   */
  public void leave() {
    int left = readers.decrementAndGet();
    assert left >= 0;
    // Closed by compare-and-set: a client that entered after our decrement keeps the fill, and one
    // that comes after the set is turned away and leads a fill of its own instead of failing.
    if (left == 0
        && !order.request().remote().fillAfterDisconnect()
        && !state.get().isWhole()
        && readers.compareAndSet(0, NOBODY_MAY_ENTER)) {
      table.remove(this);
      abandon(FetchFailure.ABANDONED, "no client is left");
    } else if (left == 0) {
      segments.nobodyReads();
    }
    giveBackIfDone();
  }

  /** Gives up what is only a part of a body, if nobody reads it; whether it did. */
  boolean dropUnread() {
    if (!segments.isResting() || !readers.compareAndSet(0, NOBODY_MAY_ENTER)) {
      return false;
    }
    table.remove(this);
    abandon(FetchFailure.ABANDONED, "nobody asks for more of it");
    return true;
  }

  /**
   * Gives the fill's own lease back, of the file or of the body in memory, once it has ended and
   * nobody is counted in. Until then whoever is counted in can open the file, also when the store
   * has let it go: because equal bytes were stored already, or because it could not be stored.
   */
  private void giveBackIfDone() {
    if (state.get().isOver() && readers.get() <= 0 && leased.compareAndSet(true, false)) {
      OpenFile held = file;
      if (held != null) {
        held.release();
      }
      SmallBody body = small;
      if (body != null) {
        body.release();
      }
    }
  }

  /**
   * Runs {@code waiter} on its loop after the next change; the caller must look again after this
   * call.
   */
  public void await(EventLoop loop, Runnable waiter) {
    wakes.await(loop, waiter);
  }

  /** Takes a waiter back that was not called yet. Threading: on its loop. */
  public void forget(EventLoop loop, Runnable waiter) {
    wakes.forget(loop, waiter);
  }

  /** Gives the fetch up if it is not whole yet. */
  void abandon(FetchFailure reason, String why) {
    intake.abandon(new FillFailure(reason, why));
  }

  FillServices services() {
    return services;
  }

  /** True once: the fill does not count as a running fetch any more. */
  boolean stopCounting() {
    return fetching.compareAndSet(true, false);
  }

  void upstreamHeadArrived() {
    headNanos = services.nanos().getAsLong();
    services.events().headReceived(headNanos - startedNanos);
  }

  /** The staged file is there; who waits for the head is told by {@link #wakeReaders}. */
  void opened(FillHead known, StagedBlob staged) {
    head = known;
    OpenFile opened = staged.file();
    boolean retained = opened.tryRetain();
    assert retained;
    leased.set(true);
    file = opened;
    change(FillState.STREAMING);
  }

  /**
   * Publishes bytes that are in the file, up to there from where the beginning ended or a segment
   * did; who waits for them is told by {@link #wakeReaders}.
   */
  void advanceTo(long end) {
    // One fill thread at a time writes it, so there is no lost update.
    long reached = segments.parts().following(Math.max(frontier, end));
    if (reached != frontier) {
      frontier = reached;
    }
  }

  /** The parts of it that come out of order. */
  Segments segments() {
    return segments;
  }

  /** Lets those look who wait. */
  void wakeReaders() {
    wakes.wake();
  }

  void whole(StoredArtifact proven) {
    endNanos = services.nanos().getAsLong();
    artifact = proven;
    table.fetched(this);
    become(FillState.WHOLE);
  }

  /** The same for a body in memory, which its readers are given now. */
  void whole(StoredArtifact proven, SmallBody body) {
    body.retain();
    leased.set(true);
    small = body;
    frontier = proven.sizeBytes();
    whole(proven);
  }

  void stored() {
    table.remove(this);
    become(FillState.STORED);
  }

  void unstored() {
    table.remove(this);
    become(FillState.UNSTORED);
  }

  /**
   * The file could not be synced, after which the kernel may drop what it had not written: whoever
   * has not read it by now must not believe it any more.
   */
  void spoiled() {
    if (small != null) {
      // What is in memory is as right as before.
      unstored();
      return;
    }
    failure = new FillFailure(FetchFailure.STORAGE, "the body could not be made durable");
    unstored();
  }

  /** Whether the file is not to be believed: the fetch failed, or the disk did. */
  boolean isSpoiled() {
    return failure != null;
  }

  /** The disk took the body up to the frontier and no further. */
  void diverted(Diversion known) {
    endNanos = services.nanos().getAsLong();
    diversion = known;
    services.events().degradedToRelay();
    table.remove(this);
    become(FillState.DIVERTED);
  }

  void answered(FetchHead known) {
    answer = known;
    table.remove(this);
    become(FillState.ANSWERED);
  }

  void relayed() {
    table.remove(this);
    become(FillState.RELAYED);
  }

  void withdrawn() {
    table.remove(this);
    become(FillState.WITHDRAWN);
  }

  void failed(FillFailure why) {
    endNanos = services.nanos().getAsLong();
    failure = why;
    services.events().fillFailed(why.reason());
    LOG.debug("the fill of {} failed: {}: {}", order.key(), why.reason().label(), why.detail());
    table.remove(this);
    become(FillState.FAILED);
  }

  private void become(FillState next) {
    change(next);
    wakes.wake();
    giveBackIfDone();
  }

  private void change(FillState next) {
    FillState before = state.get();
    if (!next.follows(before) || !state.compareAndSet(before, next)) {
      throw new IllegalStateException(next + " after " + before + " of " + order.key());
    }
  }

  /** That value. Errors: unchecked before it is there. */
  static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("asked too early");
    }
    return value;
  }
}
