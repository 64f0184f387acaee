package dev.millrace.fill;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.DigestEngine;
import dev.millrace.artifact.StreamDigest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The hashes of a body from its first byte on, fed in order.
 *
 * <p>Units: bytes. Threading: one thread at a time.
 */
final class FillHashes {
  // One or two, and walked with every piece: a list makes no iterator.
  private final List<Hash> hashes = new ArrayList<>(2);
  private long bytes;

  private record Hash(DigestAlgorithm algorithm, StreamDigest running) {}

  /** Begins one of that algorithm, if there is none. */
  void start(DigestEngine engine, DigestAlgorithm algorithm) {
    if (hashes.stream().noneMatch(hash -> hash.algorithm() == algorithm)) {
      hashes.add(new Hash(algorithm, engine.start(algorithm)));
    }
  }

  /** Takes the bytes that follow, and moves their position to their limit. */
  void update(ByteBuffer piece) {
    int from = piece.position();
    bytes += piece.remaining();
    for (int i = 0; i < hashes.size(); i++) {
      hashes.get(i).running().update(piece.position(from));
    }
  }

  /** How far they go. */
  long bytes() {
    return bytes;
  }

  /** What was found; they are used up. */
  Map<DigestAlgorithm, Digest> finish() {
    Map<DigestAlgorithm, Digest> found = new EnumMap<>(DigestAlgorithm.class);
    hashes.forEach(hash -> found.put(hash.algorithm(), hash.running().finish()));
    return found;
  }

  /** Those that can prove what was promised, in its order. */
  List<StreamDigest> of(List<Digest> promised) {
    List<StreamDigest> found = new ArrayList<>();
    for (Digest digest : promised) {
      for (Hash hash : hashes) {
        if (hash.algorithm() == digest.algorithm()) {
          found.add(hash.running());
        }
      }
    }
    return found;
  }
}
