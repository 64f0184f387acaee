package dev.millrace;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A plain write before a volatile one is seen by whoever sees the volatile one.
 *
 * <p>This is how bytes are published by moving a frontier. Feared: the reader sees the frontier
 * moved and the byte not yet written.
 */
@JCStressTest
@Outcome(id = "0, [01]", expect = Expect.ACCEPTABLE, desc = "The frontier has not moved yet.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Moved, and the byte is there.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Moved, and the byte is missing.")
@State
public class PublicationStress {

  private int content;
  private volatile int frontier;

  /** Writes, then publishes. */
  @Actor
  public void writer() {
    content = 1;
    frontier = 1;
  }

  /**
   * Looks at the frontier, then at the byte.
   *
   * @param seen what it saw
   */
  @Actor
  public void reader(II_Result seen) {
    seen.r1 = frontier;
    seen.r2 = content;
  }
}
