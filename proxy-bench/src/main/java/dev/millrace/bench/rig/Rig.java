package dev.millrace.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An origin and a load client, in place for measurements in one layout.
 *
 * <p>Threading: for one thread at a time; {@link #begin} runs the load on a thread of its own.
 *
 * <p>Ownership: the maker closes it; that ends its child processes.
 */
public final class Rig implements AutoCloseable {
  private static final int BASE_BYTES = 128 << 20;
  private static final AtomicLong IDS = new AtomicLong();

  private final Layout layout;
  private final Path folder;
  private final ChildJvm origin;
  private final ChildJvm load;
  private final int originPort;

  /** Starts the children. */
  public Rig(Layout layout, Path folder) {
    this.layout = layout;
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int loops = layout.rest().isOne() ? 1 : 2;
    origin =
        ChildJvm.start(
            BenchOrigin.class,
            List.of("-Xmx256m"),
            List.of(
                folder.resolve("base").toString(),
                String.valueOf(BASE_BYTES),
                String.valueOf(loops)),
            layout.rest(),
            folder.resolve("origin.log"));
    load =
        ChildJvm.start(
            LoadClient.class,
            List.of(
                "-Xmx256m",
                "-Dio.netty.buffer.checkBounds=false",
                "-Dio.netty.buffer.checkAccessible=false"),
            List.of(),
            layout.rest(),
            folder.resolve("load.log"));
    originPort = Integer.parseInt(origin.answer());
    load.answer();
  }

  /** Who runs where. */
  public Layout layout() {
    return layout;
  }

  /** Where data lies while it is needed. */
  public Path folder() {
    return folder;
  }

  /** Where the origin listens. */
  public int originPort() {
    return originPort;
  }

  /** The path of a body that was never asked for; options as in {@link BodySpec}, or none. */
  public String freshPath(long bytes, String options) {
    String id = "x" + IDS.incrementAndGet();
    String path =
        options.isEmpty() ? "/b/" + bytes + "/" + id : "/b/" + bytes + "/" + options + "/" + id;
    if (List.of(options.split(",", -1)).contains("sha256")) {
      origin.ask(path);
    }
    return path;
  }

  /** That many of them. */
  public List<String> freshPaths(int count, long bytes, String options) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> freshPath(bytes, options))
        .toList();
  }

  /** What the origin gave since the last reset. */
  public OriginStats originStats() {
    return Json.LINE.readValue(LocalHttp.get(originPort, "/stats"), OriginStats.class);
  }

  /** Begins the count anew. */
  public void resetOriginStats() {
    LocalHttp.get(originPort, "/stats/reset");
  }

  /** Runs a load and waits for its end. */
  public LoadResult run(LoadOrder order) {
    return carryOut(named(order));
  }

  /** Runs a load while the caller does something else. */
  public CompletableFuture<LoadResult> begin(LoadOrder order) {
    LoadOrder named = named(order);
    return CompletableFuture.supplyAsync(() -> carryOut(named), Thread::startVirtualThread);
  }

  /** Digests take time, so they are there before the load begins. */
  private LoadOrder named(LoadOrder order) {
    return switch (order.naming()) {
      case PATH -> order;
      case DIGEST -> order.renamed(path -> "sha256:" + origin.ask(path));
    };
  }

  private LoadResult carryOut(LoadOrder order) {
    return Json.LINE.readValue(load.ask(Json.LINE.writeValueAsString(order)), LoadResult.class);
  }

  @Override
  public void close() {
    load.close();
    origin.close();
  }
}
