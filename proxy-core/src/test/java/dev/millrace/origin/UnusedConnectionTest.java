package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import dev.millrace.fill.FetchRequest;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The pool's idle limit, on a loop that this test turns and whose clock it sets. */
final class UnusedConnectionTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private final StepTicker ticker = new StepTicker();
  private final ManualIoEventLoop loop =
      new ManualIoEventLoop(null, Thread.currentThread(), NioIoHandler.newFactory(), ticker);

  /** A clock that moves when it is told to, and by a nanosecond whenever it is read. */
  private static final class StepTicker implements Ticker {
    private long now;

    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return ++now;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      advance(unit.toSeconds(delay));
    }

    void advance(long seconds) {
      now += TimeUnit.SECONDS.toNanos(seconds);
    }
  }

  private void turnUntil(BooleanSupplier condition) {
    Waiting.until(() -> {
      loop.runNow();
      return condition.getAsBoolean();
    });
  }

  private RecordingSink fetch(OriginClient client, RemoteSettings remote) {
    RecordingSink sink = RecordingSink.eager();
    client.fetch(FetchRequest.get(remote, "x"), sink);
    turnUntil(sink::isDone);
    return sink;
  }

  @Test
  void connection_isClosed_whenItWasUnusedForTooLong() throws Exception {
    OriginFixture.Counted events = new OriginFixture.Counted();
    try (OriginFixture other =
            OriginFixture.with(setup ->
                new OriginSetup(
                    loop,
                    NioSocketChannel::new,
                    setup.limits(),
                    setup.proxies(),
                    setup.resolver(),
                    Runnable::run,
                    ticker::nanoTime,
                    events,
                    setup.userAgent()));
        ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      assertThat(fetch(other.client(), remote).await().summary()).isEqualTo("200 LENGTH_MET hello");

      ticker.advance(Limits.POOL_IDLE_SECONDS - 1);
      loop.runNow();
      assertThat(fetch(other.client(), remote).await().summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(1);

      // Its age counts from the last use.
      ticker.advance(Limits.POOL_IDLE_SECONDS - 1);
      loop.runNow();
      assertThat(events.count("closed")).isZero();
      ticker.advance(1);
      turnUntil(() -> events.count("closed") == 1);
    } finally {
      loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).addListener(ended -> loop.isTerminated());
      while (!loop.isTerminated()) {
        loop.runNow();
      }
    }
  }
}
