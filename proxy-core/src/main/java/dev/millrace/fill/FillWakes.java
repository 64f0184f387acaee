package dev.millrace.fill;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the readers of one fill, once for each event loop and burst.
 *
 * <p>No wake-up is lost. A reader adds itself, arms its loop's group, and then looks at the fill
 * again; the fill publishes, and then looks whether a group is armed. Both sides write before they
 * read, and all four accesses are volatile, so at least one of the two sees the other:
 *
 * <pre>
 *   reader: armed = true ; read frontier        fill: frontier = n ; read armed
 * </pre>
 *
 * <p>Threading: {@link #await} on the reader's loop; {@link #wake} on any thread.
 */
final class FillWakes {
  private static final Logger LOG = LoggerFactory.getLogger(FillWakes.class);

  private final CopyOnWriteArrayList<LoopGroup> groups = new CopyOnWriteArrayList<>();

  /**
   * Runs {@code waiter} on its loop after the next wake. The caller must look at the fill again.
   */
  void await(EventLoop loop, Runnable waiter) {
    assert loop.inEventLoop();
    LoopGroup group = groupOf(loop);
    group.waiting.add(waiter);
    group.armed.set(true);
  }

  /** Takes a waiter back: who has left must not be kept until the next change. */
  void forget(EventLoop loop, Runnable waiter) {
    assert loop.inEventLoop();
    groupOf(loop).remove(waiter);
  }

  /** Wakes every armed loop. */
  void wake() {
    for (LoopGroup group : groups) {
      if (group.armed.get() && group.armed.compareAndSet(true, false)) {
        try {
          group.loop.execute(group);
        } catch (RejectedExecutionException e) {
          // The loop has ended, and its readers with it; the others, and the caller, go on.
          LOG.debug("readers of an ended loop are not woken", e);
        }
      }
    }
  }

  private LoopGroup groupOf(EventLoop loop) {
    for (LoopGroup group : groups) {
      if (group.loop.equals(loop)) {
        return group;
      }
    }
    // Only this loop adds its own group, so there is never a second one.
    LoopGroup added = new LoopGroup(loop);
    groups.add(added);
    return added;
  }

  /** The waiting readers of one loop; the list is confined to it. */
  private static final class LoopGroup implements Runnable {
    private final EventLoop loop;
    private final AtomicBoolean armed = new AtomicBoolean();
    private ArrayList<Runnable> waiting = new ArrayList<>();
    private ArrayList<Runnable> spare = new ArrayList<>();

    LoopGroup(EventLoop loop) {
      this.loop = loop;
    }

    /** Order does not matter: the last takes its place. */
    void remove(Runnable waiter) {
      int at = waiting.indexOf(waiter);
      if (at >= 0) {
        Runnable last = waiting.removeLast();
        if (at < waiting.size()) {
          waiting.set(at, last);
        }
      }
    }

    @Override
    public void run() {
      // Two lists in turn: who waits again while we walk stands in the other one, and a wake, which
      // comes with every piece of a body, allocates nothing.
      ArrayList<Runnable> woken = waiting;
      waiting = spare;
      spare = woken;
      for (int i = 0; i < woken.size(); i++) {
        try {
          woken.get(i).run();
        } catch (RuntimeException | Error e) {
          // A fault in one answer must not keep the others asleep.
          LOG.error("a reader's wake-up failed", e);
        }
      }
      woken.clear();
    }
  }
}
