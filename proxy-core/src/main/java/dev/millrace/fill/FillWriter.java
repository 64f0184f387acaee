package dev.millrace.fill;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.artifact.StreamDigest;
import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.CommitException;
import dev.millrace.store.CommitFailure;
import dev.millrace.store.CommitListener;
import dev.millrace.store.StagedBlob;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk's side of a {@link Fill}: opens the staged file, writes, publishes, hashes, proves,
 * commits.
 *
 * <p>The order for each piece is write, publish, hash: readers are let at the bytes before the hash
 * has seen them, and what is promised about the whole is held back by {@link Fill#readableBytes}.
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

  private final Fill fill;
  private final ArrayDeque<Entry> batch = new ArrayDeque<>();
  // One or two, and walked with every piece: a list makes no iterator.
  private final List<Hash> hashes = new ArrayList<>(2);
  private @Nullable FillQueue queue;
  private @Nullable FillIntake intake;
  private HeadRule.@Nullable Store verdict;
  private @Nullable StagedBlob staged;
  private boolean relaying;
  private boolean done;
  private boolean unseen;
  private int unseenBytes;
  private long runBytes;

  private record Hash(DigestAlgorithm algorithm, StreamDigest running) {}

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
      if (batch.isEmpty() && !queue.take(batch)) {
        return;
      }
      while (!batch.isEmpty()) {
        process(batch.poll());
        if (relaying) {
          return;
        }
      }
      wakeReaders();
    }
    fill.services().threads().execute(this);
  }

  private void process(Entry entry) {
    try {
      switch (entry) {
        case Entry.Open(HeadRule.Store store, FetchHead head) -> open(store, head);
        case Entry.Piece(ByteBuf bytes) -> write(bytes);
        case Entry.ReadDone() -> side().readWritten();
        case Entry.End(BodyEnd end) -> finish(end);
        case Entry.Broken(FillFailure failure) -> fail(failure);
      }
    } catch (IOException e) {
      fill.services().store().avoid(fill.order().key());
      breakOff(FetchFailure.STORAGE, e);
    } catch (RuntimeException | Error e) {
      // An error too, out of memory above all: readers must not wait for a writer that is gone.
      breakOff(FetchFailure.INTERNAL, e);
    }
  }

  private void open(HeadRule.Store store, FetchHead received) {
    verdict = store;
    try {
      staged = fill.services().store().stage(fill.order().key(), received.contentLength());
    } catch (IOException e) {
      fill.services().events().degradedToRelay();
      relaying = true;
      assert queue != null;
      side().degradeToRelay(queue, batch);
      return;
    }
    start(DigestAlgorithm.SHA_256);
    store.expected().forEach(digest -> start(digest.algorithm()));
    long now = fill.services().clock().millis();
    fill.opened(
        new FillHead(
            store.head(),
            received.contentLength(),
            store.enforced() ? store.expected() : List.of(),
            now),
        staged);
    unseen = true;
    side().stagedFileOpened();
  }

  private void start(DigestAlgorithm algorithm) {
    if (hashes.stream().noneMatch(hash -> hash.algorithm() == algorithm)) {
      hashes.add(new Hash(algorithm, fill.services().digests().start(algorithm)));
    }
  }

  private void write(ByteBuf piece) throws IOException {
    try {
      StagedBlob target = staged;
      if (done || target == null) {
        return;
      }
      int length = piece.readableBytes();
      long position = fill.frontier();
      long declared = fill.head().lengthBytes();
      if (declared >= 0 && position + length > declared) {
        FillFailure tooLong =
            new FillFailure(
                FetchFailure.LENGTH_MISMATCH, "more bytes than the " + declared + " declared");
        fail(tooLong);
        side().abandon(tooLong);
        return;
      }
      if (declared < 0) {
        target.grow(length);
      }
      // A view of its own: the buffer's cached view belongs to its whole chunk, other slices
      // included.
      ByteBuffer view = piece.nioBuffer();
      target.file().write(view, position);
      fill.advance(length);
      unseen = true;
      unseenBytes += length;
      if (unseenBytes >= WAKE_BYTES || isLastOfBatch()) {
        wakeReaders();
      }
      for (int i = 0; i < hashes.size(); i++) {
        hashes.get(i).running().update(view.rewind());
      }
      runBytes += length;
    } finally {
      piece.release();
    }
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
    long declared = fill.head().lengthBytes();
    long length = fill.frontier();
    if (declared >= 0 && length != declared) {
      fail(new FillFailure(FetchFailure.LENGTH_MISMATCH, length + " of " + declared + " bytes"));
      return;
    }
    Map<DigestAlgorithm, Digest> found = new EnumMap<>(DigestAlgorithm.class);
    hashes.forEach(hash -> found.put(hash.algorithm(), hash.running().finish()));
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

  private void breakOff(FetchFailure reason, Throwable cause) {
    LOG.warn("the fill of {} broke on our side: {}", fill.order().key(), reason.label(), cause);
    FillFailure failure = new FillFailure(reason, String.valueOf(cause.getMessage()));
    fail(failure);
    side().abandon(failure);
  }

  private void fail(FillFailure failure) {
    if (done) {
      return;
    }
    done = true;
    StagedBlob target = staged;
    staged = null;
    fill.failed(failure);
    if (target != null) {
      target.close();
    }
  }

  private FillIntake side() {
    assert intake != null;
    return intake;
  }
}
