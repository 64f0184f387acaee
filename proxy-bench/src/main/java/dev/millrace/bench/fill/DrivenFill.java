package dev.millrace.bench.fill;

import static java.util.Objects.requireNonNull;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.DigestEngine;
import dev.millrace.artifact.RangeRequest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchRequest;
import dev.millrace.fill.FetchSink;
import dev.millrace.fill.Fill;
import dev.millrace.fill.FillOrder;
import dev.millrace.fill.FillServices;
import dev.millrace.fill.FillTable;
import dev.millrace.fill.HeadRule;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.BlobStore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Real fills, one after the other, whose upstream is the caller: every step of theirs runs on the
 * calling thread before the call returns, so that no hand-over is measured.
 *
 * <p>Threading: confined to one thread; readers may live elsewhere.
 */
final class DrivenFill {
  private static final ArtifactKey KEY = new ArtifactKey(BenchSettings.REMOTE, "body.bin");
  private static final HeadRule RULE =
      head -> new HeadRule.Store(ArtifactHead.EMPTY, List.of(), false, StoredArtifact.NEVER, false);

  private final EmbeddedChannel origin = new EmbeddedChannel();
  private final FetchFlow flow = new Asked(origin.eventLoop());
  private final RemoteSettings remote;
  private final FillTable table;
  private @Nullable FetchSink sink;

  DrivenFill(BlobStore store, DigestEngine digests, RemoteSettings remote) {
    this.remote = remote;
    this.table =
        new FillTable(
            new FillServices(
                (request, taker) -> sink = taker,
                store,
                new BodyBudget(Limits.FILL_QUEUE_BYTES),
                Runnable::run,
                digests,
                InstantSource.system(),
                System::nanoTime,
                new UncountedFills(),
                Long.MAX_VALUE,
                Duration.ZERO),
            1);
  }

  /** Starts the next fill, of a body of that many bytes; its staged file is open. */
  Fill start(long lengthBytes) {
    FillOrder order =
        new FillOrder(
            KEY,
            FetchRequest.get(remote, KEY.path()),
            RULE,
            new RangeRequest.Whole(),
            new NeverRelayed());
    if (!(table.join(KEY, () -> order) instanceof FillTable.Lead(Fill fill))) {
      throw new IllegalStateException("the last fill has not ended");
    }
    fill.start();
    sink()
        .onHead(
            new FetchHead(200, new DefaultHttpHeaders(), lengthBytes, FetchHead.Framing.LENGTH),
            flow);
    origin.runPendingTasks();
    return fill;
  }

  /** One read of the upstream's socket. Ownership: takes the piece over. */
  void piece(ByteBuf piece) {
    sink().onBody(piece);
    sink().onReadComplete();
    origin.runPendingTasks();
  }

  /** Ends the body after its last byte in a way that stores nothing. */
  void end() {
    sink().onEnd(BodyEnd.LENGTH_MET_UNSOLICITED);
    origin.runPendingTasks();
  }

  /** Breaks the body off. */
  void breakOff() {
    sink().onFailure(FetchFailure.SHUTDOWN, "the benchmark is over");
    origin.runPendingTasks();
  }

  private FetchSink sink() {
    return requireNonNull(sink);
  }

  /** The caller sends without being asked: it sends one piece for each read. */
  private record Asked(EventLoop loop) implements FetchFlow {
    @Override
    public void read() {}

    @Override
    public void cancel() {}
  }

  /** Nothing here is relayed. */
  private static final class NeverRelayed implements FetchSink {
    @Override
    public void onHead(FetchHead head, FetchFlow flow) {
      throw new IllegalStateException("relayed");
    }

    @Override
    public void onBody(ByteBuf piece) {
      piece.release();
    }

    @Override
    public void onReadComplete() {}

    @Override
    public void onEnd(BodyEnd end) {}

    @Override
    public void onFailure(FetchFailure reason, String detail) {}
  }
}
