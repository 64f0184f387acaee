package dev.millrace.fill;

import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * No wake-up is lost between a reader that falls asleep and a fill that publishes.
 *
 * <p>The four accesses of {@link FillWakes} and {@link Fill}, in their order and of their kinds:
 * the reader arms and then looks at the frontier, the fill moves the frontier and then looks
 * whether somebody is armed. Feared: each side's store is still on its way when it loads, so that
 * the reader sleeps before bytes that are there and nobody wakes it.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The reader saw the bytes by itself.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The reader sleeps and is woken.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both: a late wake, which harms nothing.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "The reader sleeps and nobody wakes it.")
@State
public class FrontierWakeStress {

  private final AtomicBoolean armed = new AtomicBoolean();
  private volatile long frontier;

  /**
   * Arms, then looks.
   *
   * @param seen whether it saw the bytes, in the first place
   */
  @Actor
  public void reader(II_Result seen) {
    armed.set(true);
    seen.r1 = (int) frontier;
  }

  /**
   * Publishes, then looks who is armed.
   *
   * @param seen whether it woke the reader, in the second place
   */
  @Actor
  public void fill(II_Result seen) {
    frontier = 1;
    seen.r2 = armed.get() && armed.compareAndSet(true, false) ? 1 : 0;
  }
}
