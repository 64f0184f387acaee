package dev.millrace.storage;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Who gets a lease while the last one is given back has an open file, and the file is closed once.
 *
 * <p>Feared: the lease is taken between the last decrement and the close, and its holder sends from
 * a closed descriptor; or both close.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Leased and open; closed afterwards.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "No lease any more.")
@Outcome(id = "-1, .*", expect = Expect.FORBIDDEN, desc = "A lease of a closed file.")
@Outcome(id = ".*, [^1]", expect = Expect.FORBIDDEN, desc = "Closed twice or never.")
@State
public class LeaseStress {
  private final AtomicInteger closes = new AtomicInteger();
  private final OpenFile file = new OpenFile(new NoChannel(), closes::incrementAndGet);

  /** The opener goes. */
  @Actor
  public void opener() {
    file.release();
  }

  /**
   * Another holder comes and goes.
   *
   * @param seen whether it had a lease, and of an open file, in the first place
   */
  @Actor
  public void another(II_Result seen) {
    if (file.tryRetain()) {
      seen.r1 = file.channel().isOpen() && closes.get() == 0 ? 1 : -1;
      file.release();
    }
  }

  /**
   * Counts.
   *
   * @param seen how often the file was closed, in the second place
   */
  @Arbiter
  public void after(II_Result seen) {
    seen.r2 = closes.get();
  }
}
