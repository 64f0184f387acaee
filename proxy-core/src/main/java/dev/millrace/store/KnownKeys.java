package dev.millrace.store;

import static dev.millrace.config.Limits.KNOWN_KEYS_MIN;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.catalog.Catalog;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Which keys the catalog may have, so that a miss of a new one asks no database: most misses are
 * first requests.
 *
 * <p>A Bloom filter (B. Bloom, Space/time trade-offs in hash coding with allowable errors, 1970)
 * with {@link #PROBES} probes and {@link #BITS_PER_KEY} bits for each key, twice as many as there
 * are at the start. "No" is certain; a wrong "perhaps", 1 in 400 while it is half full, costs one
 * look-up. Removed keys stay in until the next start.
 *
 * <p>No key is lost: the bits stand before the catalog is read, and a commit adds its key after its
 * row is there and before its fill leaves the table. Who is told "no" in between joins that fill.
 *
 * <p>Limits: 16 bits for each key, so 2 MiB for half a million. Threading: thread-safe; {@link
 * #load} blocks. Until it has ended every key may be known, and for ever where others write to the
 * catalog too.
 */
final class KnownKeys {
  private static final int PROBES = 4;
  private static final int BITS_PER_KEY = 16;

  private volatile @Nullable AtomicLongArray bits;
  private volatile boolean loaded;

  /** Reads the keys of a catalog that nobody else writes to. */
  void load(Catalog catalog) {
    if (!catalog.isExclusive()) {
      return;
    }
    long keys = Math.max(KNOWN_KEYS_MIN, 2 * catalog.artifactCount());
    bits = new AtomicLongArray(Math.toIntExact(keys * BITS_PER_KEY / Long.SIZE));
    catalog.listKeys(this::add);
    loaded = true;
  }

  /** A row of that key is in the catalog. */
  void add(ArtifactKey key) {
    AtomicLongArray words = bits;
    if (words == null) {
      return;
    }
    long hash = hash(key);
    for (int probe = 0; probe < PROBES; probe++) {
      long bit = bit(hash, probe, words);
      words.getAndAccumulate((int) (bit >>> 6), 1L << bit, (word, mask) -> word | mask);
    }
  }

  /** False when the catalog certainly has no row of that key. */
  boolean mayKnow(ArtifactKey key) {
    AtomicLongArray words = bits;
    if (!loaded || words == null) {
      return true;
    }
    long hash = hash(key);
    for (int probe = 0; probe < PROBES; probe++) {
      long bit = bit(hash, probe, words);
      if ((words.get((int) (bit >>> 6)) & (1L << bit)) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Two halves of one hash stand for any number of hashes (Kirsch and Mitzenmacher, 2006). */
  private static long bit(long hash, int probe, AtomicLongArray words) {
    int combined = (int) hash + probe * (int) (hash >>> 32);
    return Integer.toUnsignedLong(combined) % ((long) words.length() * Long.SIZE);
  }

  private static long hash(ArtifactKey key) {
    long hash = mix(key.remote().hashCode());
    return mix(mixed(mixed(hash, key.path()), key.variant()));
  }

  /** By FNV-1a (G. Fowler, L. Noll, P. Vo). */
  private static long mixed(long seed, String text) {
    long hash = seed;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The finisher of SplitMix64 (G. Steele et al., Fast splittable pseudorandom numbers, 2014). */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
