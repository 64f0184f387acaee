package dev.millrace.it.rig;

import java.time.Duration;
import java.util.List;

/**
 * What became of the bytes of one {@link Trap}.
 *
 * @param finals the final answers, interim ones left out
 * @param end how the connection ended, or that it stayed open and silent
 * @param reachedOrigin requests for the row's own path at the upstream
 */
public record Verdict(List<Answer> finals, End end, List<Received> reachedOrigin) {

  /** Sends the row on a new connection and watches. */
  public static Verdict of(Rig rig, Trap trap, Duration patience) {
    String path = rig.path(trap.id());
    rig.origin().at(path, Content.of("must not be seen"));
    try (RawClient client = rig.client().patience(patience)) {
      client.send(trap.bytes(Rig.target(path), rig.millrace().port()));
      List<Answer> finals =
          client.readUntilClose("GET").stream().filter(a -> a.status() >= 200).toList();
      List<Received> reached =
          rig.origin().received().stream().filter(r -> r.target().contains(path)).toList();
      return new Verdict(finals, client.lastEnd(), reached);
    }
  }

  /** Whether the product ended the connection. */
  public boolean closed() {
    return end == End.CLOSED_EARLY || end == End.RESET;
  }

  /** The status of the only final answer; -1 when there is none or more than one. */
  public int onlyStatus() {
    return finals.size() == 1 ? finals.get(0).status() : -1;
  }
}
