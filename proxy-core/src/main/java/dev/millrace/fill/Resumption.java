package dev.millrace.fill;

import static dev.millrace.config.Limits.RESUMES_MAX;
import static dev.millrace.config.Limits.RESUME_PROGRESS_BYTES;
import static dev.millrace.config.Limits.RESUME_TRIES_MAX;

import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tries to get the rest of a body that broke off, or a part of one that is asked for by itself;
 * what is asked and believed says {@link ResumeRule}.
 *
 * <p>Limits: {@code Limits.RESUME_TRIES_MAX} tries in a row without progress, and {@code
 * Limits.RESUMES_MAX} in all; from the break to the head of an answer no longer than the setting
 * {@code limits.resume_wait}, over which the pauses are spread.
 *
 * <p>Threading: confined to the loop that the fill began on. A further fetch may live on another:
 * then each of its calls is handed over, in order.
 */
final class Resumption {
  private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

  /** The pause before each try, in thousandths of the wait. */
  private static final int[] PAUSES = {1, 20, 60, 180, 540};

  private static final int PAUSES_UNIT = 1_000;

  private final Fill fill;
  private final ResumeRule rule;
  private final EventLoop home;
  private final Host host;
  private final long end;
  private final long waitNanos;
  private long cameBytes;
  private long progressedTo;
  private long deadlineNanos;
  private int tries;
  private int resumes;
  private int attempt;
  private @Nullable FillFailure broken;
  private @Nullable Future<?> timer;

  /** Who goes on with the body or breaks it off. */
  interface Host extends FetchSink {
    /**
     * The body goes on.
     *
     * @param from where
     * @param named whether it is said to be of the body that began; else only its bytes can tell
     * @param source its demand side, on whatever loop
     */
    void resumed(ResumeRule.Continues from, boolean named, FetchFlow source);

    /** All of it had come, and only its end was missing. */
    void nothingMissing();

    /** There will be no rest. */
    void notResumed(FillFailure failure);
  }

  /**
   * The tries for one body, or one part of it.
   *
   * @param end the first byte that is not wanted, {@link Long#MAX_VALUE} for all
   */
  Resumption(Fill fill, ResumeRule rule, EventLoop home, Host host, long end) {
    assert PAUSES.length == RESUME_TRIES_MAX;
    this.fill = fill;
    this.rule = rule;
    this.home = home;
    this.host = host;
    this.end = end;
    this.waitNanos = fill.services().resumeWait().toNanos();
  }

  /**
   * Asks for the rest after a pause, and tells the host what came of it; false when nothing is to
   * be tried any more.
   */
  boolean begin(FillFailure failure, long came) {
    return tryLater(failure, came, 0);
  }

  /** Asks for a part that nobody has asked for yet, at once. */
  void fetch(long first) {
    cameBytes = first;
    progressedTo = first;
    deadlineNanos = fill.services().nanos().getAsLong() + waitNanos;
    fill.services().events().segmentFetched();
    send(nextAttempt());
  }

  /** A sink for a fetch that brings the part already: its head was heard. */
  FetchSink adopt() {
    Again sink = new Again(nextAttempt());
    sink.heard = true;
    nextAttempt();
    return sink;
  }

  /** Why the body broke off last, null while it did not or nothing was tried. */
  @Nullable FillFailure lastBreak() {
    return broken;
  }

  private FillFailure broken() {
    assert broken != null;
    return broken;
  }

  /** Gives the tries up: whatever a fetch that runs says is not heard any more. */
  void end() {
    nextAttempt();
  }

  private int nextAttempt() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
    return ++attempt;
  }

  private boolean tryLater(FillFailure failure, long came, long wishedNanos) {
    if (waitNanos == 0 || !isBreak(failure.reason()) || !isVouchedFor(came)) {
      return false;
    }
    long now = fill.services().nanos().getAsLong();
    if (resumes == 0 || came - progressedTo >= RESUME_PROGRESS_BYTES) {
      tries = 0;
      progressedTo = came;
      deadlineNanos = now + waitNanos;
    }
    cameBytes = came;
    if (tries == RESUME_TRIES_MAX || resumes == RESUMES_MAX) {
      return false;
    }
    long pause = Math.max(wishedNanos, jittered(waitNanos / PAUSES_UNIT * PAUSES[tries], now));
    if (now + pause - deadlineNanos > 0) {
      return false;
    }
    broken = failure;
    tries++;
    resumes++;
    int number = nextAttempt();
    timer = home.schedule(() -> ask(number), pause, TimeUnit.NANOSECONDS);
    return true;
  }

  private boolean isVouchedFor(long came) {
    return end == Long.MAX_VALUE ? rule.isVouchedFor(came) : rule.isNamed(came);
  }

  /** What drips too slowly would only drip again. */
  private static boolean isBreak(FetchFailure reason) {
    return reason.isOutage() && reason != FetchFailure.TOO_SLOW;
  }

  /**
   * Between half of it and all of it, by the last digits of the clock: fills that broke together do
   * not come back together.
   */
  private static long jittered(long nanos, long now) {
    return nanos / 2 + Math.floorMod(now, nanos / 2 + 1);
  }

  private void ask(int number) {
    if (number != attempt) {
      return;
    }
    long left = deadlineNanos - fill.services().nanos().getAsLong();
    timer = home.schedule(() -> giveUp(number), Math.max(0, left), TimeUnit.NANOSECONDS);
    LOG.debug(
        "the body of {} broke off at byte {} ({}): asking for the rest, try {}",
        fill.order().key(),
        cameBytes,
        broken().reason().label(),
        tries);
    fill.services().events().resumed();
    send(number);
  }

  private void send(int number) {
    FetchRequest request =
        end == Long.MAX_VALUE ? rule.request(cameBytes) : rule.part(cameBytes, end);
    try {
      fill.services().fetcher().fetch(request, new Again(number));
    } catch (RuntimeException | AssertionError e) {
      LOG.error("the fetch of {} could not be resumed", fill.order().key(), e);
      stop(new FillFailure(FetchFailure.INTERNAL, "a fetch could not be started"));
    }
  }

  private void giveUp(int number) {
    if (number == attempt) {
      stop(broken());
    }
  }

  private void stop(FillFailure failure) {
    end();
    host.notResumed(failure);
  }

  /** Whether the body goes on. */
  private boolean answered(FetchHead answer, FetchFlow source) {
    switch (rule.judge(answer, cameBytes, fill.services().clock().millis())) {
      case ResumeRule.Continues from -> {
        int number = nextAttempt();
        boolean named = answer.status() == 206 || rule.isOfTheSameName(answer);
        host.resumed(from, named, source);
        return number == attempt;
      }
      case ResumeRule.Complete() -> {
        source.cancel();
        end();
        host.nothingMissing();
      }
      case ResumeRule.Later(long afterMillis) -> {
        source.cancel();
        again(
            lastOr(FetchFailure.CLOSED_EARLY, answer), TimeUnit.MILLISECONDS.toNanos(afterMillis));
      }
      case ResumeRule.Never(FillFailure failure) -> {
        source.cancel();
        stop(failure == null ? lastOr(FetchFailure.RANGE_MISMATCH, answer) : failure);
      }
    }
    return false;
  }

  /** What broke the body off is the better reason than how its rest was refused. */
  private FillFailure lastOr(FetchFailure reason, FetchHead answer) {
    FillFailure last = broken;
    return last != null ? last : new FillFailure(reason, "no part, but status " + answer.status());
  }

  private void again(FillFailure failure, long wishedNanos) {
    if (!tryLater(failure, cameBytes, wishedNanos)) {
      stop(failure);
    }
  }

  /** One more fetch of the same body. */
  private final class Again implements FetchSink {
    private final int number;
    private boolean heard;

    Again(int number) {
      this.number = number;
    }

    @Override
    public void onHead(FetchHead head, FetchFlow flow) {
      hop(() -> {
        if (number != attempt) {
          flow.cancel();
          return;
        }
        heard = answered(head, flow);
      });
    }

    @Override
    public void onBody(ByteBuf piece) {
      hop(() -> {
        if (isHeard()) {
          host.onBody(piece);
        } else {
          piece.release();
        }
      });
    }

    @Override
    public void onReadComplete() {
      hop(() -> {
        if (isHeard()) {
          host.onReadComplete();
        }
      });
    }

    @Override
    public void onEnd(BodyEnd end) {
      hop(() -> {
        if (isHeard()) {
          host.onEnd(end);
        }
      });
    }

    @Override
    public void onFailure(FetchFailure reason, String detail) {
      hop(() -> {
        if (isHeard()) {
          host.onFailure(reason, detail);
        } else if (number == attempt) {
          again(new FillFailure(reason, detail), 0);
        }
      });
    }

    /** Whether it is the body that goes on, and nothing was begun or ended since. */
    private boolean isHeard() {
      return heard && number + 1 == attempt;
    }

    private void hop(Runnable call) {
      if (home.inEventLoop()) {
        call.run();
      } else {
        home.execute(call);
      }
    }
  }
}
