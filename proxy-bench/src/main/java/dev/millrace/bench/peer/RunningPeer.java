package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LoadOrder.Naming;
import dev.millrace.bench.rig.LocalHttp;
import dev.millrace.bench.rig.ProcessProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A proxy that runs.
 *
 * <p>Threading: for one thread at a time.
 *
 * <p>Ownership: whoever started it closes it; that ends its processes and removes its folder.
 */
public final class RunningPeer implements AutoCloseable {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(180);
  private static final long POLL_NANOS = 1_000_000;

  private final Child child;
  private final Path folder;
  private final Address address;
  private final double startSeconds;
  private final ProcessProbe probe;

  /**
   * Where to ask.
   *
   * @param port on loopback
   * @param prefix what goes in front of a body's name
   * @param naming what it calls bodies
   * @param ready a path that is answered without the origin
   * @param measured whether it says what it uses, under {@code /metrics}
   */
  public record Address(int port, String prefix, Naming naming, String ready, boolean measured) {
    /** Of a peer that calls bodies by their paths. */
    Address(int port, String prefix, String ready, boolean measured) {
      this(port, prefix, Naming.PATH, ready, measured);
    }
  }

  /** Waits until the started process answers. */
  static RunningPeer await(Child child, Path folder, Address address) {
    long begun = System.nanoTime();
    while (!LocalHttp.answers(address.port(), address.ready())) {
      if (!child.isAlive() || System.nanoTime() - begun > START_NANOS) {
        child.close();
        throw new IllegalStateException("a peer did not come up:\n" + child.logTail());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return new RunningPeer(child, folder, address, (System.nanoTime() - begun) / 1e9);
  }

  private RunningPeer(Child child, Path folder, Address address, double startSeconds) {
    this.child = child;
    this.folder = folder;
    this.address = address;
    this.startSeconds = startSeconds;
    this.probe = new ProcessProbe(child.pid());
  }

  /** Where to ask it. */
  public Address address() {
    return address;
  }

  /** From its start to its first answer. */
  public double startSeconds() {
    return startSeconds;
  }

  /** What it uses. */
  public ProcessProbe probe() {
    return probe;
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return child.isAlive();
  }

  /** The end of its log. */
  public String logTail() {
    return child.logTail();
  }

  @Override
  public void close() {
    probe.close();
    child.close();
    remove(folder);
  }

  /** Removes a folder with all in it. */
  public static void remove(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
