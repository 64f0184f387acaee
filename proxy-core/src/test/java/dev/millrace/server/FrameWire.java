package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.ExchangeLog;
import dev.millrace.exchange.Exchanges;
import dev.millrace.fill.BodyBudget;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.RequestLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection by HTTP/2 that is sent exact frames and shows those that come back. Nothing is asked
 * for on it but what the door answers by itself: there is no remote behind it.
 */
final class FrameWire implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final byte[] NOTHING = {};

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  final Socket channel = new Socket();

  /** How often the connection asked its socket for more. */
  int reads;

  private final Exchanges exchanges = exchanges();
  private final DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader();

  /** The end of a socket whose peer takes nothing while it is {@code stalled}. */
  static final class Socket extends EmbeddedChannel {
    boolean stalled;

    Socket() {
      // Netty's codec knows a server's connection by what accepted it.
      super(new LocalServerChannel(), DefaultChannelId.newInstance(), true, false);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!stalled) {
        super.doWrite(in);
      }
    }
  }

  private final class ReadCounter extends ChannelOutboundHandlerAdapter {
    @Override
    public void read(ChannelHandlerContext ctx) {
      reads++;
      ctx.read();
    }
  }

  FrameWire(ServerLimits limits) throws IOException {
    FileReads files = new FileReads(new BodyBudget(1 << 20), Runnable::run);
    channel.freezeTime();
    channel.pipeline().addLast(new ReadCounter());
    new MultiplexedConnection(
            exchanges,
            limits,
            new DateField(InstantSource.system()),
            new FileDelivery(files, 1 << 10, null),
            new AtomicInteger())
        .install(channel.pipeline());
    channel.writeInbound(Unpooled.wrappedBuffer(PREFACE.getBytes(StandardCharsets.US_ASCII)));
    frame(SETTINGS, 0, 0, NOTHING);
    channel.releaseOutbound();
  }

  /** Without remotes: what those work with is never asked for. */
  @SuppressWarnings("NullAway")
  private static Exchanges exchanges() throws IOException {
    InstantSource clock = InstantSource.system();
    RequestLog off = RequestLog.open("off", System.out, System.err);
    ExchangeLog log = new ExchangeLog(new Metrics(List.of()), off, clock);
    return new Exchanges(null, log, null, Runnable::run, List.of());
  }

  /** Connections that were ended for the slowness of their clients. */
  long slowClients() {
    return exchanges.slowClients();
  }

  /** Sends one frame. */
  FrameWire frame(int type, int flags, int stream, byte[] payload) {
    channel.writeInbound(
        Unpooled.buffer()
            .writeMedium(payload.length)
            .writeByte(type)
            .writeByte(flags)
            .writeInt(stream)
            .writeBytes(payload));
    return this;
  }

  /** Sends the fields of a request; short ones, that are never indexed (RFC 7541 §6.2.3). */
  FrameWire fields(int flags, int stream, String... namesAndValues) {
    ByteBuf block = Unpooled.buffer();
    block.writeByte(0x10);
    for (int i = 0; i < namesAndValues.length; i++) {
      if (i > 0 && i % 2 == 0) {
        block.writeByte(0x10);
      }
      block.writeByte(namesAndValues[i].length());
      block.writeCharSequence(namesAndValues[i], StandardCharsets.ISO_8859_1);
    }
    byte[] bytes = new byte[block.readableBytes()];
    block.readBytes(bytes);
    return frame(HEADERS, flags | END_HEADERS, stream, bytes);
  }

  /** Sends the head of a request; what follows it is the caller's. */
  FrameWire head(int flags, int stream, String method, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", method, ":scheme", "https", ":authority", "h", ":path", "/none"));
    all.addAll(List.of(more));
    return fields(flags, stream, all.toArray(String[]::new));
  }

  /** The frames that came since the last call, those of a body put together. */
  List<String> came() {
    channel.runPendingTasks();
    CompositeByteBuf bytes = Unpooled.compositeBuffer(Integer.MAX_VALUE);
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      bytes.addComponent(true, part);
    }
    Shown shown = new Shown();
    try {
      while (bytes.isReadable()) {
        reader.readFrame(channel.pipeline().firstContext(), bytes, shown);
      }
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    } finally {
      bytes.release();
    }
    return shown.frames;
  }

  /** What a client would make of the frames, in a few words each. */
  private static final class Shown extends Http2FrameAdapter {
    private final List<String> frames = new ArrayList<>();

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int stream,
        Http2Headers headers,
        int padding,
        boolean endOfStream) {
      frames.add("head " + stream + " " + headers.status() + (endOfStream ? " end" : ""));
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean endOfStream) {
      if (endOfStream) {
        frames.add("end " + stream);
      }
      return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long errorCode) {
      frames.add("reset " + stream + " " + Http2Error.valueOf(errorCode));
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int last, long errorCode, ByteBuf text) {
      frames.add("goaway " + Http2Error.valueOf(errorCode));
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      frames.add("pong");
    }
  }

  @Override
  public void close() {
    channel.stalled = false;
    channel.finishAndReleaseAll();
    reader.close();
    channel.checkException();
  }
}
