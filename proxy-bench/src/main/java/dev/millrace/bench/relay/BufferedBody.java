package dev.millrace.bench.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** {@link RelayDesign#BUFFERING}. */
final class BufferedBody implements RelayBody {
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
    client
        .writeAndFlush(new DefaultLastHttpContent(whole))
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void close() {
    // The heap is the collector's.
  }
}
