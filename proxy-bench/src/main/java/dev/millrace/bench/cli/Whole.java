package dev.millrace.bench.cli;

import dev.millrace.bench.peer.MillracePeer;
import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RelayPeer;
import dev.millrace.bench.relay.RelayDesign;
import dev.millrace.bench.scenario.ColdBodies;
import dev.millrace.bench.scenario.ManyReaders;
import dev.millrace.bench.scenario.MixedEdge;
import dev.millrace.bench.scenario.Scenario;
import dev.millrace.bench.scenario.Varied;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A series of scenarios over Millrace, with one thing varied.
 *
 * @param name its name
 * @param courses what is run
 */
record Whole(String name, List<Course> courses) {
  private static final long MIB = 1 << 20;
  private static final String SMALL_JVM = "-Xmx64m -XX:MaxDirectMemorySize=64m";
  private static final int BUFFERING_HEAP_MEGABYTES = 3072;
  private static final int STORING_HEAP_MEGABYTES = 64;

  /**
   * Points and who is measured at them.
   *
   * @param points the scenarios
   * @param peers who
   */
  record Course(List<Scenario> points, List<Peer> peers) {}

  /** All of them; the quick ones end in a few minutes and fit into little memory. */
  static List<Whole> all(Path tree, boolean quick) {
    Peer millrace = MillracePeer.here(tree).with("millrace", SMALL_JVM);
    Peer buffering = new RelayPeer(RelayDesign.BUFFERING, BUFFERING_HEAP_MEGABYTES);
    Peer storing = new RelayPeer(RelayDesign.STORE_THEN_SERVE, STORING_HEAP_MEGABYTES);
    List<Peer> own = List.of(millrace);
    Course layers = new Course(layers(64, 256, 1024), List.of(millrace, buffering, storing));
    Course large = new Course(quick ? List.of() : layers(4096, 8192), own);
    return List.of(
        new Whole("MultiGigabyteLayer", List.of(layers, large)),
        new Whole(
            "ConcurrentFetches", List.of(new Course(fetches(1, 4, 16, 64, quick ? 64 : 256), own))),
        new Whole(
            "OneFetchManyReaders",
            List.of(new Course(readers(quick ? 64 : 256, 1, 10, 100, quick ? 100 : 1000), own))),
        new Whole(
            "MixedEdge", List.of(new Course(mixed(quick ? 60 : 200, quick ? 300 : 1000), own))));
  }

  private static List<Scenario> layers(long... mebibytes) {
    return LongStream.of(mebibytes)
        .<Scenario>mapToObj(size ->
            new Varied(new ColdBodies("MultiGigabyteLayer-" + size, 1, size * MIB, 1, ""), size))
        .toList();
  }

  private static List<Scenario> fetches(int... counts) {
    return IntStream.of(counts)
        .distinct()
        .<Scenario>mapToObj(count ->
            new Varied(new ColdBodies("ConcurrentFetches-" + count, count, 8 * MIB, 1, ""), count))
        .toList();
  }

  private static List<Scenario> readers(long mebibytes, int... counts) {
    return IntStream.of(counts)
        .distinct()
        .<Scenario>mapToObj(count ->
            new Varied(
                new ManyReaders("OneFetchManyReaders-" + count, mebibytes * MIB, count), count))
        .toList();
  }

  private static List<Scenario> mixed(int bodies, int requests) {
    return List.of(new Varied(new MixedEdge("MixedEdge-" + bodies, bodies, requests), bodies));
  }
}
