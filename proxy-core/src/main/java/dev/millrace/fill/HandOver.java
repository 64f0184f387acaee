package dev.millrace.fill;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;

import dev.millrace.fill.FillQueue.Entry;
import io.netty.buffer.ByteBuf;
import java.util.Collection;

/**
 * What a fill had taken in when its staged file could not be opened.
 *
 * <p>Threading: on the fill's loop.
 *
 * <p>Ownership: takes the pieces over.
 */
final class HandOver {
  private final BodyBudget budget;
  private final FillOrder order;
  private final Fetcher fetcher;
  private final Collection<Entry> entries;

  HandOver(Fill fill, Collection<Entry> entries) {
    this.budget = fill.services().budget();
    this.order = fill.order();
    this.fetcher = fill.services().fetcher();
    this.entries = entries;
  }

  /** Passes it on to the leader's relay, which goes on with the fetch. */
  void replay(FetchHead head, FetchFlow source) {
    FetchSink relay = order.relay();
    if (entries.stream().anyMatch(Entry.ReadDone.class::isInstance)) {
      relay.adoptRead(() -> budget.release(READ_BUFFER_BYTES));
    }
    relay.onHead(head, source);
    entries.forEach(entry -> replay(entry, relay));
  }

  private static void replay(Entry entry, FetchSink relay) {
    switch (entry) {
      case Entry.Piece(ByteBuf bytes) -> relay.onBody(bytes);
      case Entry.End(BodyEnd end) -> relay.onEnd(end);
      case Entry.Broken(FillFailure failure) -> relay.onFailure(failure.reason(), failure.detail());
      case Entry.ReadDone _ -> relay.onReadComplete();
      case Entry.Open _, Entry.Again _, Entry.SegmentPiece _, Entry.TailCame _ ->
          throw new AssertionError("without a file: " + entry);
    }
  }

  /** Gives it up: the relay knows nothing of rests, and no reader has the beginning. */
  void fail(FillFailure broken) {
    entries.forEach(this::drop);
    order.relay().onFailure(broken.reason(), broken.detail());
  }

  /** Gives it up and lets the relay have the whole: what came is a part. */
  void fetchWhole() {
    entries.forEach(this::drop);
    fetcher.fetch(order.request(), order.relay());
  }

  private void drop(Entry entry) {
    switch (entry) {
      case Entry.Piece(ByteBuf bytes) -> bytes.release();
      case Entry.SegmentPiece(Segment _, ByteBuf bytes) -> bytes.release();
      case Entry.ReadDone _ -> budget.release(READ_BUFFER_BYTES);
      case Entry.Open _, Entry.Again _, Entry.TailCame _, Entry.End _, Entry.Broken _ -> {
        // They hold nothing.
      }
    }
  }
}
