package dev.millrace.serve;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;

import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Passes an upstream's answer to one client without storing it, at the client's pace: the next read
 * is asked for when everything of the last one is in the client's socket.
 *
 * <p>Limits: one read of {@code Limits.READ_BUFFER_BYTES} and what the fetch keeps back, reserved
 * in the body budget.
 *
 * <p>Threading: the sink's methods run on the fetch's loop and hop to the client's, where
 * everything else is confined.
 *
 * <p>Ownership: each piece passes to the responder; the last byte of a declared length is held
 * until the upstream's end, failure, or the client's leaving.
 */
public final class RelayBody implements FetchSink {
  private final Responder responder;
  private final BodyBudget budget;
  private final Target target;
  private @Nullable FetchFlow flow;
  private int unsent;
  private long owedBytes = -1;
  private @Nullable ByteBuf lastByte;
  private boolean reserved;
  private int reservedBytes;
  private @Nullable Runnable adopted;
  private boolean readDone = true;
  private boolean ended;
  private boolean over;

  /** The exchange that writes the head and hears the end, on the client's loop. */
  public interface Target extends BodyListener {
    /** Writes the response head for that upstream head; false when no body is to follow. */
    boolean relayHead(FetchHead head);
  }

  /** A relay to that client. */
  public RelayBody(Responder responder, BodyBudget budget, Target target) {
    this.responder = responder;
    this.budget = budget;
    this.target = target;
  }

  @Override
  public void onHead(FetchHead head, FetchFlow source) {
    responder.execute(() -> {
      flow = source;
      owedBytes = head.contentLength();
      if (responder.isOver()) {
        over = true;
        settle();
        source.cancel();
        return;
      }
      responder.whenGone(this::clientGone);
      if (target.relayHead(head)) {
        responder.flush();
        demand();
      } else {
        over = true;
        settle();
        source.cancel();
      }
    });
  }

  @Override
  public void adoptRead(Runnable giveBack) {
    responder.execute(() -> {
      adopted = giveBack;
      readDone = false;
    });
  }

  @Override
  public void onBody(ByteBuf piece) {
    responder.execute(() -> relay(piece));
  }

  private void relay(ByteBuf piece) {
    if (over) {
      piece.release();
      return;
    }
    if (owedBytes >= 0) {
      owedBytes -= piece.readableBytes();
      if (owedBytes == 0) {
        // The last byte would make the answer whole, and the upstream may yet send more than it
        // said: it waits for the end.
        ByteBuf front = piece.readRetainedSlice(piece.readableBytes() - 1);
        lastByte = piece;
        send(front);
        return;
      }
    }
    send(piece);
  }

  private void send(ByteBuf piece) {
    if (piece.isReadable()) {
      unsent++;
      responder.bytes(piece, this::sent);
    } else {
      piece.release();
    }
  }

  @Override
  public void onReadComplete() {
    responder.execute(() -> {
      readDone = true;
      demand();
    });
  }

  @Override
  public void onEnd(BodyEnd end) {
    responder.execute(() -> {
      settle();
      ended = true;
      ByteBuf last = lastByte;
      lastByte = null;
      if (last != null) {
        send(last);
      }
      completeIfSent();
    });
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    responder.execute(() -> {
      settle();
      dropLastByte();
      if (!over) {
        over = true;
        target.broken(reason);
      }
    });
  }

  private void sent() {
    unsent--;
    completeIfSent();
    demand();
  }

  private void completeIfSent() {
    if (ended && unsent == 0 && !over) {
      over = true;
      target.complete();
    }
  }

  /** Asks for the next read once the last one is in the client's socket. */
  private void demand() {
    FetchFlow source = flow;
    if (source == null || unsent > 0 || !readDone || ended) {
      return;
    }
    settle();
    if (over) {
      return;
    }
    readDone = false;
    reservedBytes = READ_BUFFER_BYTES + source.keptBytes();
    if (budget.reserveOrWait(reservedBytes, () -> responder.execute(this::granted))) {
      granted();
    }
  }

  private void granted() {
    reserved = true;
    FetchFlow source = flow;
    if (over || ended || source == null) {
      // It came too late to be of use.
      settle();
    } else {
      source.read();
    }
  }

  private void settle() {
    if (reserved) {
      reserved = false;
      budget.release(reservedBytes);
    }
    Runnable giveBack = adopted;
    if (giveBack != null) {
      adopted = null;
      giveBack.run();
    }
  }

  private void dropLastByte() {
    if (lastByte != null) {
      lastByte.release();
      lastByte = null;
    }
  }

  private void clientGone() {
    settle();
    dropLastByte();
    over = true;
    if (flow != null) {
      flow.cancel();
    }
  }
}
