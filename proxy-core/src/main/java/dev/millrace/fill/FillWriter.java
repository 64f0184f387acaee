package dev.millrace.fill;

import static dev.millrace.config.Limits.KEPT_BYTES_MIN;
import static dev.millrace.config.Limits.KEPT_LENGTH_MIN;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.DigestEngine;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.BlobStore;
import dev.millrace.store.CommitException;
import dev.millrace.store.CommitFailure;
import dev.millrace.store.CommitListener;
import dev.millrace.store.KeptBody;
import dev.millrace.store.KeptNote;
import dev.millrace.store.StagedBlob;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk's side of a {@link Fill}: opens the staged file, writes, publishes, hashes, proves,
 * commits.
 *
 * <p>Where the body comes again from its beginning, what is there is compared and only what is new
 * is written.
 *
 * <p>The order for each piece is write, publish, hash: readers are let at the bytes before the hash
 * has seen them, and what is promised about the whole is held back by {@link Fill#readableEnd}.
 *
 * <p>Threading: runs on one fill thread at a time; {@link FillQueue}'s lock orders one run after
 * the other. A run ends after {@link #RUN_BYTES} so that another fill gets its turn.
 *
 * <p>Ownership: owns the staged blob from open to commit or close, and each piece it took from the
 * queue.
 */
final class FillWriter implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(FillWriter.class);
  private static final long RUN_BYTES = 8L << 20;
  private static final int WAKE_BYTES = 256 << 10;
  private static final int REHASH_BYTES = 1 << 20;
  // More than what comes meanwhile, or the hash would never come as far as what is written.
  private static final int REHASH_STEPS = 4;

  private final Fill fill;
  private final ArrayDeque<Entry> batch = new ArrayDeque<>();
  private final FillHashes hashes = new FillHashes();
  private @Nullable FillQueue queue;
  private @Nullable FillIntake intake;
  private HeadRule.@Nullable Store verdict;
  private @Nullable FetchHead begun;
  private @Nullable StagedBlob staged;
  private long at;
  private boolean relaying;
  private boolean done;
  private boolean unseen;
  private int unseenBytes;
  private long runBytes;
  private @Nullable BodyEnd ending;
  private boolean inParts;
  private boolean segmented;

  FillWriter(Fill fill) {
    this.fill = fill;
  }

  /** Completes the construction: the queue needs the writer and the intake needs the queue. */
  void connect(FillQueue source, FillIntake side) {
    queue = source;
    intake = side;
  }

  @Override
  public void run() {
    assert queue != null;
    runBytes = 0;
    while (runBytes < RUN_BYTES) {
      if (batch.isEmpty() && !refill()) {
        return;
      }
      while (!batch.isEmpty() && runBytes < RUN_BYTES) {
        process(batch.poll());
        if (relaying) {
          return;
        }
      }
      wakeReaders();
      if (isBehind()) {
        catchUp();
      }
    }
    fill.services().threads().execute(this);
  }

  /** Takes what there is; false when there is nothing to do. */
  private boolean refill() {
    assert queue != null;
    if (isBehind()) {
      queue.poll(batch);
      return true;
    }
    return queue.take(batch);
  }

  /** Whether there is something in the file that was there before the hash came to it. */
  private boolean isBehind() {
    return !done && staged != null && hashes.bytes() < fill.frontier();
  }

  private void process(Entry entry) {
    try {
      switch (entry) {
        case Entry.Open open -> open(open);
        case Entry.Piece(ByteBuf bytes) -> take(bytes);
        case Entry.SegmentPiece(Segment segment, ByteBuf bytes) -> take(segment, bytes);
        case Entry.TailCame() -> tailCame();
        case Entry.Again(long firstByte) -> at = firstByte;
        case Entry.ReadDone(ReadDemand of) -> of.written();
        case Entry.End(BodyEnd end) -> finish(end);
        case Entry.Broken(FillFailure failure) -> fail(failure);
      }
    } catch (IOException e) {
      divert(e);
    } catch (RuntimeException | Error e) {
      // An error too, out of memory above all: readers must not wait for a writer that is gone.
      breakOff(FetchFailure.INTERNAL, e);
    }
  }

  private void catchUp() {
    try {
      rehash();
    } catch (IOException e) {
      divert(e);
    } catch (RuntimeException | Error e) {
      breakOff(FetchFailure.INTERNAL, e);
    }
  }

  private void open(Entry.Open opening) throws IOException {
    HeadRule.Store store = opening.verdict();
    FetchHead received = opening.head();
    KeptBody kept = opening.kept();
    verdict = store;
    begun = received;
    inParts = opening.inParts();
    BlobStore blobs = fill.services().store();
    try {
      // The place of a body that may never become whole is taken as it comes.
      long place = inParts ? -1 : received.contentLength();
      staged = kept == null ? blobs.stage(fill.order().key(), place) : blobs.stage(kept);
    } catch (IOException e) {
      fill.services().events().degradedToRelay();
      relaying = true;
      assert queue != null;
      side().degradeToRelay(queue, batch);
      return;
    }
    opened(store, received, kept == null || kept.isSure());
    if (kept != null) {
      at = kept.bytes();
      fill.advanceTo(at);
    } else if (!inParts) {
      describe(store, received);
    }
  }

  /** So that it can be gone on with, should it break off for good or the process end. */
  private void describe(HeadRule.Store store, FetchHead received) {
    StagedBlob target = staged;
    KeptNote note =
        received.contentLength() < KEPT_LENGTH_MIN
            ? null
            : ResumeRule.note(fill.order().key(), received, store);
    if (target == null || note == null) {
      return;
    }
    try {
      target.describe(note);
    } catch (IOException e) {
      LOG.debug("{} will not be kept: {}", fill.order().key(), e.toString());
    }
  }

  private void opened(HeadRule.Store store, FetchHead received, boolean sure) {
    StagedBlob target = staged;
    assert target != null;
    DigestEngine engine = fill.services().digests();
    hashes.start(engine, DigestAlgorithm.SHA_256);
    store.expected().forEach(digest -> hashes.start(engine, digest.algorithm()));
    long now = fill.services().clock().millis();
    fill.opened(
        new FillHead(
            store.head(),
            received.contentLength(),
            store.enforced() ? store.expected() : List.of(),
            sure,
            now),
        target);
    unseen = true;
    side().stagedFileOpened();
  }

  /** Hashes a part of what was there before; readers may have it, for the proof is at the end. */
  private void rehash() throws IOException {
    StagedBlob target = staged;
    assert target != null;
    ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(REHASH_BYTES);
    try {
      for (int i = 0; i < REHASH_STEPS && isBehind(); i++) {
        long missing = fill.frontier() - hashes.bytes();
        ByteBuffer part = buffer.nioBuffer(0, (int) Math.min(REHASH_BYTES, missing));
        read(target, part, hashes.bytes());
        hashes.update(part.flip());
        runBytes += part.limit();
      }
    } finally {
      buffer.release();
    }
    BodyEnd end = ending;
    if (end != null && !isBehind()) {
      finish(end);
    }
  }

  private static void read(StagedBlob target, ByteBuffer into, long position) throws IOException {
    while (into.hasRemaining()) {
      if (target.file().read(into, position + into.position()) < 0) {
        throw new EOFException("the staged file is shorter than what was written");
      }
    }
  }

  /** The next of what comes in order. */
  private void take(ByteBuf piece) throws IOException {
    try {
      at = take(piece.nioBuffer(), at, null);
    } finally {
      piece.release();
    }
  }

  /** The next of a segment. */
  private void take(Segment segment, ByteBuf piece) throws IOException {
    try {
      segmented = true;
      take(piece.nioBuffer(), segment.writtenTo(), segment);
    } finally {
      piece.release();
    }
  }

  /**
   * Writes what is new of a piece and compares what is there already; where it ends.
   *
   * @param view a view of its own: the buffer's cached view belongs to its whole chunk, other
   *     slices included
   */
  private long take(ByteBuffer view, long from, @Nullable Segment segment) throws IOException {
    long position = from;
    runBytes += view.remaining();
    while (view.hasRemaining()) {
      StagedBlob target = staged;
      if (done || target == null) {
        return position;
      }
      boolean there = position < fill.frontier();
      long stretchEnd = there ? fill.frontier() : fill.segments().parts().writtenAfter(position);
      int length = (int) Math.min(view.remaining(), stretchEnd - position);
      ByteBuffer stretch = view.slice(view.position(), length);
      view.position(view.position() + length);
      if (!there) {
        write(stretch, position, target, segment);
      } else if (!isKnown(stretch, position, target)) {
        abandon(FetchFailure.CHANGED, "it is otherwise than before");
      } else if (segment != null) {
        segment.wrote(position + length);
      }
      position += length;
    }
    return position;
  }

  private void write(ByteBuffer bytes, long position, StagedBlob target, @Nullable Segment segment)
      throws IOException {
    int length = bytes.remaining();
    long declared = fill.head().lengthBytes();
    if (declared >= 0 && position + length > declared) {
      abandon(FetchFailure.LENGTH_MISMATCH, "more bytes than the " + declared + " declared");
      return;
    }
    if (position > fill.frontier()) {
      // What is there is not a beginning any more that could be gone on with.
      target.forget();
    }
    if (declared < 0 || inParts) {
      target.grow(length);
    }
    target.write(bytes, position);
    if (segment == null) {
      fill.advanceTo(position + length);
    } else {
      segment.wrote(position + length);
      fill.advanceTo(0);
    }
    unseen = true;
    unseenBytes += length;
    if (unseenBytes >= WAKE_BYTES || isLastOfBatch()) {
      wakeReaders();
    }
    if (position == hashes.bytes()) {
      hashes.update(bytes.rewind());
    }
  }

  /** Whether what came again is what is there. */
  private boolean isKnown(ByteBuffer bytes, long position, StagedBlob target) throws IOException {
    ByteBuf there = ByteBufAllocator.DEFAULT.directBuffer(bytes.remaining());
    try {
      ByteBuffer known = there.nioBuffer(0, bytes.remaining());
      read(target, known, position);
      return known.flip().equals(bytes);
    } finally {
      there.release();
    }
  }

  private void tailCame() {
    fill.segments().tailCame();
    unseen = true;
  }

  private void abandon(FetchFailure reason, String detail) {
    FillFailure failure = new FillFailure(reason, detail);
    fail(failure);
    side().abandon(failure);
  }

  private boolean isLastOfBatch() {
    return batch.isEmpty() || (batch.size() == 1 && batch.peek() instanceof Entry.ReadDone);
  }

  /** Once for a burst: each wake-up is a hand-over to every loop that has readers. */
  private void wakeReaders() {
    if (unseen) {
      unseen = false;
      unseenBytes = 0;
      fill.wakeReaders();
    }
  }

  private void finish(BodyEnd end) {
    if (done) {
      return;
    }
    if (isBehind()) {
      ending = end;
      return;
    }
    long declared = fill.head().lengthBytes();
    long length = fill.frontier();
    if (declared >= 0 && length != declared) {
      fail(new FillFailure(FetchFailure.LENGTH_MISMATCH, length + " of " + declared + " bytes"));
      return;
    }
    if (at < length && !segmented) {
      fail(new FillFailure(FetchFailure.CHANGED, "it ends before where it was broken off"));
      return;
    }
    Map<DigestAlgorithm, Digest> found = hashes.finish();
    assert verdict != null;
    switch (BodyProof.of(fill, verdict, end, length, found)) {
      case BodyProof.Wrong(FillFailure failure) -> fail(failure);
      case BodyProof.Right right -> settle(right);
    }
  }

  private void settle(BodyProof.Right right) {
    StagedBlob target = staged;
    assert target != null;
    // What could throw has not: from here the fill is whole, and ends stored or unstored.
    done = true;
    staged = null;
    fill.whole(right.artifact());
    if (!target.isKeepable()) {
      fill.services().events().degradedToRelay();
    }
    if (right.storable() && target.isKeepable()) {
      fill.services().store().commit(target, right.artifact(), new Outcome(fill));
    } else {
      target.close();
      fill.unstored();
    }
  }

  /** What became of the commit. */
  record Outcome(Fill fill) implements CommitListener {
    @Override
    public void committed(StoredArtifact artifact) {
      fill.stored();
      fill.order().rule().stored(artifact);
    }

    @Override
    public void failed(Throwable cause) {
      fill.services().events().commitFailed();
      if (cause instanceof CommitException commit && commit.reason() == CommitFailure.SYNC) {
        fill.spoiled();
      } else {
        fill.unstored();
      }
    }
  }

  /** The disk failed: what is in the file stays readable, and the rest goes past it. */
  private void divert(IOException cause) {
    fill.services().store().avoid(fill.order().key());
    StagedBlob target = staged;
    HeadRule.Store decided = verdict;
    FetchHead received = begun;
    if (done || target == null || decided == null || received == null) {
      breakOff(FetchFailure.STORAGE, cause);
      return;
    }
    LOG.warn(
        "the body of {} goes past the disk from byte {} on: {}",
        fill.order().key(),
        fill.frontier(),
        cause.toString());
    done = true;
    staged = null;
    List<Digest> promised = decided.enforced() ? decided.expected() : List.of();
    ResumeRule rule = new ResumeRule(fill.order().request(), received, decided);
    ResumeRule byName = ResumeRule.byName(fill.order().request(), received, decided);
    fill.diverted(new Diversion(fill, rule, byName, promised, hashes.of(promised), hashes.bytes()));
    target.close();
    side().abandon(new FillFailure(FetchFailure.STORAGE, String.valueOf(cause.getMessage())));
  }

  private void breakOff(FetchFailure reason, Throwable cause) {
    LOG.warn("the fill of {} broke on our side: {}", fill.order().key(), reason.label(), cause);
    abandon(reason, String.valueOf(cause.getMessage()));
  }

  private void fail(FillFailure failure) {
    if (done) {
      return;
    }
    done = true;
    StagedBlob target = staged;
    staged = null;
    try {
      // First: who is told of the failure may ask again at once, and is to find what is kept.
      leave(target, failure);
    } finally {
      fill.failed(failure);
    }
  }

  private void leave(@Nullable StagedBlob target, FillFailure failure) {
    if (target == null) {
      return;
    }
    if (isWorthKeeping(failure) && fill.frontier() >= KEPT_BYTES_MIN) {
      target.keep();
    } else {
      target.close();
    }
  }

  /** What came is right as far as it goes, and only the rest did not come. */
  private static boolean isWorthKeeping(FillFailure failure) {
    return switch (failure.reason()) {
      case ABANDONED, SHUTDOWN -> true;
      default -> failure.reason().isOutage();
    };
  }

  private FillIntake side() {
    assert intake != null;
    return intake;
  }
}
