package dev.millrace.bench.rig;

/**
 * What {@code /proc} says of a process and those it started, at one moment.
 *
 * @param cpuSeconds processor time, user and system, since the start
 * @param rssBytes resident memory
 * @param peakRssBytes most resident memory of each since the start or the last reset, added up
 * @param fds open descriptors
 * @param threads threads
 */
public record ProcessSample(
    double cpuSeconds, long rssBytes, long peakRssBytes, int fds, int threads) {
  /** Nothing. */
  static final ProcessSample NONE = new ProcessSample(0, 0, 0, 0, 0);

  ProcessSample plus(ProcessSample other) {
    return new ProcessSample(
        cpuSeconds + other.cpuSeconds,
        rssBytes + other.rssBytes,
        peakRssBytes + other.peakRssBytes,
        fds + other.fds,
        threads + other.threads);
  }

  /** The larger of each value. */
  ProcessSample max(ProcessSample other) {
    return new ProcessSample(
        Math.max(cpuSeconds, other.cpuSeconds),
        Math.max(rssBytes, other.rssBytes),
        Math.max(peakRssBytes, other.peakRssBytes),
        Math.max(fds, other.fds),
        Math.max(threads, other.threads));
  }
}
