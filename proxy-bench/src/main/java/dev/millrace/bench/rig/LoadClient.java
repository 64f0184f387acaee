package dev.millrace.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;

/**
 * The clients of a measurement: a child JVM with one loop that carries out a {@link LoadOrder} for
 * each line it is told and answers by a {@link LoadResult}.
 *
 * <p>Threading: the loads run one after the other, each on the one loop.
 */
public final class LoadClient {
  private static final int BUFFER_BYTES = 256 << 10;

  private LoadClient() {}

  /** Runs until standard input ends. */
  public static void main(String[] args) throws IOException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ByteBuf buffer = ReusedBuffer.allocate(BUFFER_BYTES);
    ParentPipe parent = new ParentPipe();
    parent.say("ready");
    parent.serve(line -> {
      LoadOrder order = Json.LINE.readValue(line, LoadOrder.class);
      LoadResult result = new LoadRun(order, loops.next(), buffer).start().join();
      return Json.LINE.writeValueAsString(result);
    });
    System.exit(0);
  }
}
