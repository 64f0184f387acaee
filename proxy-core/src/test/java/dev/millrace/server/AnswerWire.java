package dev.millrace.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A connection that shows what a responder writes, and when it ends. */
final class AnswerWire implements Http1Responder.Listener, AutoCloseable {
  /** The only handler that a responder needs: its context. */
  private static final class Tail extends ChannelInboundHandlerAdapter {}

  /** Holds or fails what is written. */
  private final class Gate extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (failing) {
        ReferenceCountUtil.release(message);
        promise.setFailure(new IOException("the test fails this write"));
      } else if (holding) {
        held.add(() -> ctx.writeAndFlush(message, promise).addListener(done -> writes++));
      } else {
        ctx.write(message, promise).addListener(done -> writes++);
      }
    }
  }

  final EmbeddedChannel channel = new EmbeddedChannel(new Gate(), new Tail());
  final List<Boolean> ended = new ArrayList<>();

  /** Faults in steps of the answer; a test that expects some takes them out. */
  final List<Throwable> faults = new ArrayList<>();

  int writes;
  boolean closing;
  boolean failing;
  boolean holding;
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();

  /** An answer to a request of that method. */
  Http1Responder answer(String method, boolean keepAlive, boolean chunkable, boolean hasBody) {
    DecodedHead.Request request =
        new DecodedHead.Request(
            method, "/", EmptyHttpHeaders.INSTANCE, keepAlive, chunkable, hasBody);
    return new Http1Responder(
        channel.pipeline().lastContext(), request, this, new FileDelivery(null, 0, null));
  }

  /** An answer to a plain GET over HTTP/1.1. */
  Http1Responder answer() {
    return answer("GET", true, true, false);
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public String date() {
    return "DATE";
  }

  @Override
  public void responseFailed(Throwable cause) {
    faults.add(cause);
  }

  @Override
  public void responseEnded(boolean keepAlive) {
    ended.add(keepAlive);
  }

  /** Lets the socket take what was held. */
  void letGo() {
    // What is written meanwhile keeps its place behind what was held.
    while (!held.isEmpty()) {
      held.poll().run();
    }
    holding = false;
  }

  /** The bytes that reached the socket since the last call. */
  String sent() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object message = channel.readOutbound();
        message != null;
        message = channel.readOutbound()) {
      try {
        append(message, out);
      } finally {
        ReferenceCountUtil.release(message);
      }
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static void append(Object message, ByteArrayOutputStream out) throws IOException {
    switch (message) {
      case ByteBuf bytes -> bytes.readBytes(out, bytes.readableBytes());
      case FileRegion region -> {
        try (WritableByteChannel target = Channels.newChannel(out)) {
          while (region.transferred() < region.count()) {
            region.transferTo(target, region.transferred());
          }
        }
      }
      default -> throw new IllegalArgumentException("written: " + message);
    }
  }

  @Override
  public void close() {
    letGo();
    channel.finishAndReleaseAll();
    channel.checkException();
    if (!faults.isEmpty()) {
      throw new AssertionError("a step of the answer failed", faults.getFirst());
    }
  }
}
