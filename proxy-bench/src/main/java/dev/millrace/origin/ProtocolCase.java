package dev.millrace.origin;

import java.util.List;

/**
 * What is fetched, and how it is asked for.
 *
 * @param name short
 * @param title what happens, in a phrase
 * @param bodies how many
 * @param bodyBytes length of each
 * @param atOnce how many are wanted at the same time
 * @param start what there is beforehand
 * @param distance to the origin
 */
public record ProtocolCase(
    String name,
    String title,
    int bodies,
    long bodyBytes,
    int atOnce,
    Start start,
    Distance distance) {
  /** What there is beforehand. */
  enum Start {
    /** Nothing: connections and TLS sessions are made while the clock runs. */
    COLD,
    /** The connections of the run before. */
    WARM
  }

  private static final int SMALL = 16 << 10;
  private static final int MIDDLE = 128 << 10;
  private static final int BURST = 64;

  /** All of them. */
  public static List<ProtocolCase> all() {
    return List.of(
        new ProtocolCase("one", "256 MiB", 1, 256 << 20, 1, Start.WARM, Distance.NONE),
        new ProtocolCase("eight", "8 × 64 MiB at once", 8, 64 << 20, 8, Start.WARM, Distance.NONE),
        new ProtocolCase(
            "small", "2,000 × 16 KiB, 32 at once", 2000, SMALL, 32, Start.WARM, Distance.NONE),
        new ProtocolCase(
            "middle", "1,000 × 128 KiB, 32 at once", 1000, MIDDLE, 32, Start.WARM, Distance.NONE),
        burst("burst", "cold, no distance", Start.COLD, Distance.NONE),
        burst("burst-far", "cold, 20 ms away", Start.COLD, Distance.FAR),
        burst(
            "burst-far-start",
            "cold, 20 ms away, with the slow start of TCP",
            Start.COLD,
            Distance.FAR_SLOW_START),
        burst("burst-far-warm", "warm, 20 ms away", Start.WARM, Distance.FAR));
  }

  private static ProtocolCase burst(String name, String how, Start start, Distance distance) {
    return new ProtocolCase(
        name, "64 × 16 KiB at once, " + how, BURST, SMALL, BURST, start, distance);
  }

  /** The bodies of one run. */
  Batch batch() {
    return new Batch(bodies, bodyBytes, atOnce);
  }
}
