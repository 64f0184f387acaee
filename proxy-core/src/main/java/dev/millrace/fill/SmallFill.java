package dev.millrace.fill;

import static dev.millrace.config.Limits.SMALL_BODY_BYTES_MAX;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.StreamDigest;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.SmallBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory's side of a {@link Fill} whose body is small: received, hashed and judged on the loop
 * that it comes in on, since a file and two hand-overs cost more than the body (decision 15). Its
 * readers wait for the whole; it gets its file when it is committed.
 *
 * <p>Limits: bodies with a declared length of up to {@code Limits.SMALL_BODY_BYTES_MAX}, while the
 * body budget has room to spare, where they are counted; one that is not whole {@code
 * Limits.SMALL_BODY_WAIT} after its head goes on in a file.
 *
 * <p>Threading: confined to the fetch's event loop.
 *
 * <p>Ownership: holds a reference to the body until {@link #finish}, {@link #handOver} or {@link
 * #discard}, one of which ends it.
 */
final class SmallFill {
  private static final Logger LOG = LoggerFactory.getLogger(SmallFill.class);

  private final Fill fill;
  private final HeadRule.Store verdict;
  private final int length;
  private final SmallBody body;

  private SmallFill(Fill fill, HeadRule.Store verdict, int length, SmallBody body) {
    this.fill = fill;
    this.verdict = verdict;
    this.length = length;
    this.body = body;
  }

  /** Begins one, or says null: the body is too long, or there is no memory to spare. */
  static @Nullable SmallFill begin(Fill fill, HeadRule.Store verdict, FetchHead head) {
    long declared = head.contentLength();
    if (declared < 0 || declared > SMALL_BODY_BYTES_MAX) {
      return null;
    }
    int length = (int) declared;
    BodyBudget budget = fill.services().budget();
    if (!budget.tryReserve(length)) {
      return null;
    }
    ByteBuf bytes;
    try {
      // Not from a pool: it may stay among the hot bodies, and one such keeps a whole chunk of one.
      bytes = Unpooled.directBuffer(length, length);
    } catch (OutOfMemoryError e) {
      LOG.warn("no memory for {} bytes of {}: it goes through a file", length, fill.order().key());
      budget.release(length);
      return null;
    }
    return new SmallFill(fill, verdict, length, new SmallBody(bytes, () -> budget.release(length)));
  }

  /** Takes a piece; false when that is more than was declared. Ownership: releases the piece. */
  boolean add(ByteBuf piece) {
    try {
      if (piece.readableBytes() > body.bytes().writableBytes()) {
        return false;
      }
      body.bytes().writeBytes(piece);
      return true;
    } finally {
      piece.release();
    }
  }

  /** Why {@link #add} refused a piece. */
  FillFailure tooLong() {
    return new FillFailure(
        FetchFailure.LENGTH_MISMATCH, "more bytes than the " + length + " declared");
  }

  /** The body ended: it is whole and on its way into the store, or the fill failed. */
  void finish(BodyEnd end) {
    try {
      int received = body.bytes().readableBytes();
      if (received != length) {
        fill.failed(
            new FillFailure(FetchFailure.LENGTH_MISMATCH, received + " of " + length + " bytes"));
        return;
      }
      switch (BodyProof.of(fill, verdict, end, length, digests())) {
        case BodyProof.Wrong(FillFailure failure) -> fill.failed(failure);
        case BodyProof.Right right -> settle(right);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("the fill of {} broke on our side", fill.order().key(), e);
      giveUp(String.valueOf(e.getMessage()));
    } finally {
      body.release();
    }
  }

  /** Readers must not wait for what does not come any more, nor the table keep it. */
  private void giveUp(String why) {
    switch (fill.state()) {
      case OPENING -> fill.failed(new FillFailure(FetchFailure.INTERNAL, why));
      case WHOLE -> fill.unstored();
      default -> LOG.debug("it was over");
    }
  }

  private void settle(BodyProof.Right right) {
    fill.whole(right.artifact(), body);
    if (right.storable()) {
      fill.services().store().commit(body, right.artifact(), new FillWriter.Outcome(fill));
    } else {
      fill.unstored();
    }
  }

  private Map<DigestAlgorithm, Digest> digests() {
    Map<DigestAlgorithm, Digest> found = new EnumMap<>(DigestAlgorithm.class);
    found.put(DigestAlgorithm.SHA_256, digest(DigestAlgorithm.SHA_256));
    for (Digest promised : verdict.expected()) {
      found.computeIfAbsent(promised.algorithm(), this::digest);
    }
    return found;
  }

  private Digest digest(DigestAlgorithm algorithm) {
    StreamDigest running = fill.services().digests().start(algorithm);
    running.update(body.bytes().nioBuffer());
    return running.finish();
  }

  /** How much of it came. */
  int receivedBytes() {
    return body.bytes().readableBytes();
  }

  /** Ends it; what came so far goes elsewhere. Ownership: the buffer passes to the caller. */
  ByteBuf handOver() {
    ByteBuf soFar = body.bytes().retain();
    body.release();
    return soFar;
  }

  /** The fetch broke. */
  void discard() {
    body.release();
  }
}
