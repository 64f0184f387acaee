package dev.millrace.artifact;

import com.google.re2j.Pattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a path below {@code /v2/} of a container registry names (OCI distribution specification 1.1,
 * "Endpoints", pull category).
 *
 * @param name the repository
 * @param kind what of it
 * @param reference tag or digest; {@code list} for the tags
 */
public record RegistryPath(String name, Kind kind, String reference) {
  private static final int NAME_MAX = 255;
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  /** Those that the specification registers; others prove nothing, or nobody asks by them. */
  private static final List<DigestAlgorithm> ALGORITHMS =
      List.of(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_512);

  /** What of a repository. */
  public enum Kind {
    /** A manifest or an index, by tag or digest. */
    MANIFEST("manifests"),
    /** A layer or a configuration, by digest. */
    BLOB("blobs"),
    /** The list of its tags. */
    TAGS("tags"),
    /** The list of what refers to a digest. */
    REFERRERS("referrers");

    private final String segment;

    Kind(String segment) {
      this.segment = segment;
    }
  }

  /**
   * Reads a path without its query.
   *
   * @param path what follows {@code v2/}, raw
   * @return null when it is none of a registry
   */
  public static @Nullable RegistryPath parse(String path) {
    int last = path.lastIndexOf('/');
    int before = path.lastIndexOf('/', last - 1);
    if (before < 1 || before > NAME_MAX) {
      return null;
    }
    String segment = path.substring(before + 1, last);
    String reference = path.substring(last + 1);
    for (Kind kind : Kind.values()) {
      if (kind.segment.equals(segment)) {
        RegistryPath named = new RegistryPath(path.substring(0, before), kind, reference);
        return named.isValid() ? named : null;
      }
    }
    return null;
  }

  private boolean isValid() {
    boolean known =
        switch (kind) {
          case MANIFEST -> isByDigest() || TAG.matches(reference);
          case BLOB, REFERRERS -> isByDigest();
          case TAGS -> reference.equals("list");
        };
    return known && NAME.matches(name);
  }

  /** Whether the reference is a digest. */
  public boolean isByDigest() {
    return digest() != null;
  }

  /** The digest that is asked for; null for a tag. */
  public @Nullable Digest digest() {
    return digest(reference);
  }

  /**
   * The digest of that spelling; null for none, and for an algorithm that registries do not use.
   */
  public static @Nullable Digest digest(String reference) {
    int colon = reference.indexOf(':');
    for (DigestAlgorithm algorithm : ALGORITHMS) {
      if (colon > 0 && algorithm.label().equals(reference.substring(0, colon))) {
        String hex = reference.substring(colon + 1);
        return Digest.isHex(algorithm, hex) ? new Digest(algorithm, hex) : null;
      }
    }
    return null;
  }
}
