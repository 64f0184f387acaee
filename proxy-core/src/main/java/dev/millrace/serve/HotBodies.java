package dev.millrace.serve;

import static dev.millrace.config.Limits.HOT_BODIES_BYTES_MAX;
import static dev.millrace.config.Limits.HOT_BODIES_SHARE;
import static dev.millrace.config.Limits.HOT_BODY_BYTES_MAX;
import static dev.millrace.config.Limits.HOT_LOADS_MAX;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.artifact.Digest;
import dev.millrace.fill.BodyBudget;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small stored bodies in direct memory, so that a hot one leaves with its head in one write and
 * touches no file.
 *
 * <p>Bodies are found by their digest and never change, so nothing here has to be invalidated: what
 * an artifact is called, and whether it may be served, is asked elsewhere.
 *
 * <p>Limits: bodies of up to {@code Limits.HOT_BODY_BYTES_MAX}, together {@code
 * Limits.HOT_BODIES_BYTES_MAX} or the {@code Limits.HOT_BODIES_SHARE}th part of the body budget,
 * where they are counted; {@code Limits.HOT_LOADS_MAX} are read at once, others later.
 *
 * <p>Threading: thread-safe; reading a file runs on the executor.
 *
 * <p>Ownership: holds one reference to each buffer until it leaves the cache.
 */
public final class HotBodies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HotBodies.class);

  private final BodyBudget budget;
  private final Executor blocking;
  private final Cache<Digest, ByteBuf> bodies;
  private final Set<Digest> loading = ConcurrentHashMap.newKeySet();

  /** An empty cache within that budget. */
  public HotBodies(BodyBudget budget, Executor blocking) {
    this.budget = budget;
    this.blocking = blocking;
    this.bodies =
        Caffeine.newBuilder()
            .maximumWeight(Math.min(HOT_BODIES_BYTES_MAX, budget.maxBytes() / HOT_BODIES_SHARE))
            .<Digest, ByteBuf>weigher((digest, body) -> body.capacity())
            .executor(Runnable::run)
            .removalListener((digest, body, cause) -> giveBack(body))
            .build();
  }

  /** The whole body if it is here. Ownership: retained for the caller. */
  public @Nullable ByteBuf find(Digest digest) {
    ByteBuf held = bodies.getIfPresent(digest);
    if (held == null) {
      return null;
    }
    try {
      return held.retainedDuplicate();
    } catch (IllegalReferenceCountException e) {
      // It left the cache, and was freed, between the two lines above.
      return null;
    }
  }

  /** Keeps a body that is in memory anyway. Ownership: takes the buffer over in all cases. */
  public void keep(Digest digest, ByteBuf body) {
    int length = body.capacity();
    if (length > 0
        && length <= HOT_BODY_BYTES_MAX
        && bodies.getIfPresent(digest) == null
        && budget.tryReserve(length)) {
      bodies.put(digest, body);
    } else {
      body.release();
    }
  }

  /** Reads a body that was just asked for, so that the next asker finds it. */
  public void consider(Digest digest, OpenFile file, long lengthBytes) {
    if (lengthBytes == 0
        || lengthBytes > HOT_BODY_BYTES_MAX
        || loading.size() >= HOT_LOADS_MAX
        || !loading.add(digest)) {
      return;
    }
    if (!file.tryRetain()) {
      loading.remove(digest);
      return;
    }
    blocking.execute(() -> load(digest, file, (int) lengthBytes));
  }

  private void load(Digest digest, OpenFile file, int length) {
    try {
      if (bodies.getIfPresent(digest) == null && budget.tryReserve(length)) {
        read(digest, file, length);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} stays a file", digest, e);
    } finally {
      file.release();
      loading.remove(digest);
    }
  }

  private void read(Digest digest, OpenFile file, int length) throws IOException {
    ByteBuf body = null;
    boolean kept = false;
    try {
      body = Unpooled.directBuffer(length, length);
      ByteBuffer window = body.nioBuffer(0, length);
      while (window.hasRemaining()) {
        if (file.read(window, window.position()) < 0) {
          throw new IOException("the file is shorter than it was");
        }
      }
      bodies.put(digest, body.writerIndex(length));
      kept = true;
    } finally {
      if (!kept) {
        budget.release(length);
        if (body != null) {
          body.release();
        }
      }
    }
  }

  private void giveBack(@Nullable ByteBuf body) {
    if (body != null) {
      int bytes = body.capacity();
      body.release();
      budget.release(bytes);
    }
  }

  /** Bytes held now. */
  public long bytes() {
    return bodies.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /** Lets all go. */
  @Override
  public void close() {
    bodies.invalidateAll();
  }
}
