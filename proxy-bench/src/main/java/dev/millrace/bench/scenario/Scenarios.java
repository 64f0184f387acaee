package dev.millrace.bench.scenario;

import java.util.List;
import java.util.Optional;

/** The scenarios that peers are compared by. */
public final class Scenarios {
  private static final long KIB = 1 << 10;
  private static final int CONNECTIONS = 64;
  private static final int SLOW_READERS = 200;
  private static final long HOT_MILLIS = 4000;

  private Scenarios() {}

  /** All of them. Units: {@code large} is the length of a large body in bytes. */
  public static List<Scenario> all(long large) {
    return List.of(
        new ColdBodies("S1", 1, large, 1, ""),
        new ColdBodies("S1-sha256", 1, large, 1, "sha256"),
        new ColdBodies("S2", 1, large, 16, ""),
        new ColdBodies("S3", 16, large / 4, 1, ""),
        new HotLarge("S4", large, 1),
        new HotLarge("S4-8", large, 8),
        new Small.Hot("S5-4k", 4 * KIB, CONNECTIONS, HOT_MILLIS),
        new Small.Hot("S5-64k", 64 * KIB, CONNECTIONS, HOT_MILLIS),
        new Small.Cold("S6", 4 * KIB, 2000, 32),
        new SlowReaders("S7-hot", large, SLOW_READERS, true),
        new SlowReaders("S7-cold", large, SLOW_READERS, false),
        new FarRange("S8", large),
        new UpstreamCut("S9", large / 5),
        new CutAgain("S10", 2 * large, large / 16),
        new OpenEnded("S11", large, 64, 32),
        new Throttled("S12", large / 4, 32 << 20),
        new Idle());
  }

  /** The one of that name. */
  public static Optional<Scenario> named(String name, long large) {
    return all(large).stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst();
  }
}
