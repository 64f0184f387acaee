package dev.millrace.fill;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.RangeRequest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.RemoteDraft;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A client that enters while the last one leaves either keeps the fill or is turned away.
 *
 * <p>Feared: it is counted in between the decrement and the closing of the count, and the fill is
 * given up under it; or it is turned away, and the fill runs on without anybody.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Entered, and the fill goes on.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Turned away, and the fill is given up.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Entered a fill that is given up.")
@Outcome(id = "0, 1", expect = Expect.FORBIDDEN, desc = "Turned away from a fill that goes on.")
@State
public class FillReadersStress {
  private static final FillOrder ORDER =
      new FillOrder(
          new ArtifactKey("gen", "a"),
          FetchRequest.get(new RemoteDraft().withoutFillAfterDisconnect().settings(), "a"),
          head ->
              new HeadRule.Store(ArtifactHead.EMPTY, List.of(), true, StoredArtifact.NEVER, false),
          new RangeRequest.Whole(),
          new RelaySink());

  private final FillTable table = new FillTable(services(), 1);
  private final Fill fill;

  /** A fill with its leader, which was not started and so never touches the store. */
  public FillReadersStress() {
    fill = ((FillTable.Lead) table.join(ORDER.key(), () -> ORDER)).fill();
  }

  /**
   * Services of which a fill that is not started uses the clock and the remote's settings only. The
   * store has no stand-in, and is not there.
   */
  @SuppressWarnings("NullAway")
  private static FillServices services() {
    return new FillServices(
        (request, sink) -> {
          throw new AssertionError("not started");
        },
        null,
        new BodyBudget(1),
        Runnable::run,
        new JdkDigestEngine(),
        InstantSource.system(),
        () -> 0,
        new CountedEvents(),
        Long.MAX_VALUE,
        Duration.ZERO);
  }

  /** The last client leaves. */
  @Actor
  public void last() {
    fill.leave();
  }

  /**
   * Another client comes.
   *
   * @param seen whether it was counted in, in the first place
   */
  @Actor
  public void next(II_Result seen) {
    seen.r1 = fill.enter() ? 1 : 0;
  }

  /**
   * Looks whether the fill runs.
   *
   * @param seen whether it is still in the table, in the second place
   */
  @Arbiter
  public void after(II_Result seen) {
    seen.r2 = table.count();
  }
}
