package dev.millrace.bench.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** {@link RelayDesign#STORE_THEN_SERVE}. */
final class StoredBody implements RelayBody {
  private final Channel client;
  private final SpoolFile file;
  private final MessageDigest hash = sha256();
  private @Nullable HttpResponse head;

  StoredBody(Channel client, SpoolFile file) {
    this.client = client;
    this.file = file;
  }

  @Override
  public void head(HttpResponse received) {
    head = received;
  }

  @Override
  public void piece(ByteBuf piece) throws IOException {
    file.append(piece.nioBuffer());
    hash.update(piece.nioBuffer());
  }

  @Override
  public void end() {
    assert hash.digest().length > 0;
    assert head != null;
    client.write(head).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    client
        .write(file.region(0, file.written()))
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    client.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(done -> file.close());
  }

  @Override
  public void close() {
    if (head == null) {
      file.close();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
