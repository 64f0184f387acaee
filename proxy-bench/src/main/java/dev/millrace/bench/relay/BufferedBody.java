package dev.millrace.bench.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** {@link RelayDesign#BUFFERING}. */
final class BufferedBody implements RelayBody {
  private static final int PART_BYTES = 1 << 20;

  private final Channel client;
  private final CompositeByteBuf whole = Unpooled.compositeBuffer(Integer.MAX_VALUE);
  private final MessageDigest hash = StoredBody.sha256();
  private @Nullable HttpResponse head;

  BufferedBody(Channel client) {
    this.client = client;
  }

  @Override
  public void head(HttpResponse received) {
    head = received;
  }

  @Override
  public void piece(ByteBuf piece) {
    byte[] copy = new byte[piece.readableBytes()];
    piece.getBytes(piece.readerIndex(), copy);
    whole.addComponent(true, Unpooled.wrappedBuffer(copy));
  }

  @Override
  public void end() {
    for (ByteBuf part : whole) {
      hash.update(part.array(), part.arrayOffset(), part.readableBytes());
    }
    assert hash.digest().length > 0;
    assert head != null;
    client.write(head).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    sendNext();
  }

  /** One part after the other: the transport copies what it is given into direct memory at once. */
  private void sendNext() {
    if (!whole.isReadable()) {
      client
          .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      return;
    }
    ByteBuf part = whole.readRetainedSlice(Math.min(PART_BYTES, whole.readableBytes()));
    client
        .writeAndFlush(new DefaultHttpContent(part))
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  if (sent.isSuccess()) {
                    sendNext();
                  } else {
                    client.close().addListener(ChannelFutureListener.CLOSE);
                  }
                });
  }

  @Override
  public void close() {
    // The heap is the collector's.
  }
}
