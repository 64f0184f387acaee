package dev.millrace.store;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.config.SpoolLimits;
import dev.millrace.storage.KeptFile;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beginnings of bodies that wait for the next who asks for them.
 *
 * <p>Limits: {@link SpoolLimits}, age and bytes; the oldest go first. One for each artifact. Their
 * bytes are reserved in the quota.
 *
 * <p>Threading: thread-safe by its own monitor, never held while the disk is asked. {@link #take}
 * and {@link #giveBack} do not block; {@link #add}, {@link #load} and {@link #prune} do.
 */
final class KeptBodies {
  private static final Logger LOG = LoggerFactory.getLogger(KeptBodies.class);

  private final Storage storage;
  private final Ledger ledger;
  private final SpoolLimits limits;
  private final InstantSource clock;
  private final Map<ArtifactKey, KeptBody> kept = new LinkedHashMap<>();
  private final List<KeptBody> unwanted = new ArrayList<>();
  private long bytes;

  KeptBodies(Storage storage, Ledger ledger, SpoolLimits limits, InstantSource clock) {
    this.storage = storage;
    this.ledger = ledger;
    this.limits = limits;
    this.clock = clock;
  }

  /** Takes over what an earlier process left; what nobody could go on with is removed. */
  void load() throws IOException {
    List<KeptFile> files = new ArrayList<>(storage.listKept());
    files.sort(Comparator.comparingLong(KeptFile::leftAtMillis));
    for (KeptFile file : files) {
      KeptNote note = KeptNote.parse(file.note());
      if (note != null && isUseful(file, note)) {
        add(new KeptBody(file, note));
      } else {
        remove(file);
      }
    }
  }

  private static boolean isUseful(KeptFile file, KeptNote note) {
    return file.sizeBytes() > 0
        && file.sizeBytes() < note.lengthBytes()
        && (file.isSure() || !note.promised().isEmpty());
  }

  /** Keeps a body, and drops what that is too much for. */
  void add(KeptBody body) {
    List<KeptBody> dropped = new ArrayList<>();
    synchronized (this) {
      if (!ledger.tryReserve(body.bytes())) {
        dropped.add(body);
      } else {
        bytes += body.bytes();
        KeptBody before = kept.remove(body.note().key());
        kept.put(body.note().key(), body);
        if (before != null) {
          dropped.add(let(before));
        }
      }
    }
    dropped.forEach(each -> remove(each.file()));
    prune();
  }

  /** Removes what is too old or too much. */
  void prune() {
    List<KeptBody> dropped = new ArrayList<>();
    synchronized (this) {
      dropped.addAll(unwanted);
      unwanted.clear();
      Iterator<KeptBody> oldest = kept.values().iterator();
      while (oldest.hasNext()) {
        KeptBody body = oldest.next();
        if (isOld(body) || bytes > limits.maxBytes()) {
          oldest.remove();
          dropped.add(let(body));
        }
      }
    }
    dropped.forEach(each -> remove(each.file()));
  }

  /** The beginning of that artifact's body, which is the caller's from now on. */
  synchronized @Nullable KeptBody take(ArtifactKey key) {
    KeptBody body = kept.get(key);
    if (body == null || isOld(body)) {
      return null;
    }
    kept.remove(key);
    return let(body);
  }

  /** Takes back what was not used; the next {@link #prune} removes it if it is too much. */
  synchronized void giveBack(KeptBody body) {
    if (!kept.containsKey(body.note().key()) && ledger.tryReserve(body.bytes())) {
      bytes += body.bytes();
      kept.put(body.note().key(), body);
    } else {
      unwanted.add(body);
    }
  }

  /** Removes the oldest for others that need its place; false when there is none. */
  boolean dropOldest() {
    KeptBody oldest;
    synchronized (this) {
      Iterator<KeptBody> all = kept.values().iterator();
      if (!all.hasNext()) {
        return false;
      }
      oldest = let(all.next());
      all.remove();
    }
    remove(oldest.file());
    return true;
  }

  /** The artifact is stored: nobody needs its beginning. */
  void forget(ArtifactKey key) {
    KeptBody body;
    synchronized (this) {
      body = kept.remove(key);
      if (body != null) {
        let(body);
      }
    }
    if (body != null) {
      remove(body.file());
    }
  }

  /** The files of all of them. */
  synchronized List<KeptFile> files() {
    return kept.values().stream().map(KeptBody::file).toList();
  }

  /** Bytes of all of them. */
  synchronized long bytes() {
    return bytes;
  }

  void remove(KeptFile file) {
    try {
      storage.drop(file);
    } catch (IOException e) {
      LOG.warn("a kept file stays until the next start: {}", e.toString());
    }
  }

  private KeptBody let(KeptBody body) {
    bytes -= body.bytes();
    ledger.giveBack(body.bytes());
    return body;
  }

  private boolean isOld(KeptBody body) {
    return clock.millis() - body.file().leftAtMillis() > limits.maxAge().toMillis();
  }
}
