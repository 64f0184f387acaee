package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The leader's relay: takes everything at once and keeps it. */
final class RelaySink implements FetchSink {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final CompletableFuture<Relayed> relayed = new CompletableFuture<>();
  private volatile @Nullable FetchFlow flow;
  private boolean adopted;
  private @Nullable FetchHead head;

  /** All that came; either an end or a failure. */
  static final class Relayed {
    private final @Nullable FetchHead head;
    private final byte[] body;
    private final @Nullable BodyEnd end;
    private final @Nullable FetchFailure failure;

    Relayed(
        @Nullable FetchHead head,
        byte[] body,
        @Nullable BodyEnd end,
        @Nullable FetchFailure failure) {
      this.head = head;
      this.body = body;
      this.end = end;
      this.failure = failure;
    }

    @Nullable FetchHead head() {
      return head;
    }

    byte[] body() {
      return body;
    }

    @Nullable BodyEnd end() {
      return end;
    }

    @Nullable FetchFailure failure() {
      return failure;
    }
  }

  /** What came, once it is over. */
  CompletableFuture<Relayed> relayed() {
    return relayed;
  }

  /** Its client goes. */
  void leave() {
    FetchFlow running = flow;
    if (running != null) {
      running.cancel();
    }
  }

  @Override
  public void adoptRead(Runnable giveBack) {
    adopted = true;
    giveBack.run();
  }

  @Override
  public void onHead(FetchHead received, FetchFlow source) {
    head = received;
    flow = source;
    if (!adopted) {
      source.read();
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    byte[] bytes = new byte[piece.readableBytes()];
    piece.readBytes(bytes);
    piece.release();
    body.writeBytes(bytes);
  }

  @Override
  public void onReadComplete() {
    FetchFlow running = flow;
    if (running != null) {
      running.read();
    }
  }

  @Override
  public void onEnd(BodyEnd end) {
    over(end, null);
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    over(null, reason);
  }

  private void over(@Nullable BodyEnd end, @Nullable FetchFailure failure) {
    if (!relayed.complete(new Relayed(head, body.toByteArray(), end, failure))) {
      throw new AssertionError("ended twice");
    }
  }
}
