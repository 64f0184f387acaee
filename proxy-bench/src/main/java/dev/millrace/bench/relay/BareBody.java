package dev.millrace.bench.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;

/** {@link RelayDesign#BARE}. */
final class BareBody implements RelayBody {
  private static final long REGION_BYTES = 1L << 20;

  private final Channel client;
  private final SpoolFile file;
  private long sent;
  private boolean sending;
  private boolean ended;

  BareBody(Channel client, SpoolFile file) {
    this.client = client;
    this.file = file;
  }

  @Override
  public void head(HttpResponse head) {
    client.writeAndFlush(head).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void piece(ByteBuf piece) throws IOException {
    file.append(piece.nioBuffer());
    send();
  }

  @Override
  public void end() {
    ended = true;
    send();
  }

  @Override
  public void close() {
    if (!sending) {
      file.close();
    }
  }

  private void send() {
    if (sending) {
      return;
    }
    long count = Math.min(REGION_BYTES, file.written() - sent);
    if (count > 0) {
      sending = true;
      long from = sent;
      sent += count;
      client.writeAndFlush(file.region(from, count)).addListener(done -> sent(done.isSuccess()));
    } else if (ended) {
      file.close();
      client
          .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  private void sent(boolean success) {
    sending = false;
    if (success) {
      send();
    } else {
      file.close();
      client.close().addListener(ChannelFutureListener.CLOSE);
    }
  }
}
