package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.RegistryPath;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Container registries (OCI distribution specification 1.1; Docker Registry HTTP API V2): what a
 * digest names never changes and is proven by it; tags and lists change.
 *
 * <p>Paths begin with {@code v2/}, below the base URL. What the specification does not know is not
 * asked for: on the registry's host may be its token server, which would answer with the remote's
 * rights.
 *
 * <p>A registry chooses a tag's manifest by {@code Accept}, so that is a part of its key: the media
 * ranges in one order, hashed, since clients send hundreds of characters. The upstream is asked by
 * exactly what was hashed, or a spelling that it reads otherwise would change what others get. By a
 * digest there is nothing to choose, but registries refuse what {@code Accept} does not name: so it
 * names all there is.
 */
final class DockerFormat implements Format {
  private static final String PREFIX = "v2/";
  private static final String DIGEST_FIELD = "Docker-Content-Digest";

  /** Signed manifests, whose digest is that of the part without signatures. */
  private static final String SIGNED = "application/vnd.docker.distribution.manifest.v1+";

  private static final List<String> ANY_MANIFEST =
      List.of(
          "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
              + " application/vnd.docker.distribution.manifest.list.v2+json,"
              + " application/vnd.docker.distribution.manifest.v2+json, "
              + SIGNED
              + "prettyjws, */*");

  /** So that two sets of a dozen types do not meet by chance. */
  private static final int VARIANT_BYTES = 16;

  @Override
  public String name() {
    return "docker";
  }

  @Override
  public ContentClass classify(String path) {
    RegistryPath named = parse(path);
    if (named == null) {
      return ContentClass.PASS_THROUGH;
    }
    return switch (named.kind()) {
      case BLOB -> ContentClass.IMMUTABLE;
      case MANIFEST -> named.isByDigest() ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
      case TAGS, REFERRERS -> ContentClass.MUTABLE;
    };
  }

  @Override
  public boolean knows(String path) {
    return parse(path) != null;
  }

  @Override
  public List<Digest> promisedDigests(String path, Fields fields) {
    RegistryPath named = parse(path);
    if (named == null) {
      return List.of();
    }
    return switch (named.kind()) {
      case BLOB -> listed(named.digest());
      case MANIFEST -> listed(named.isByDigest() ? named.digest() : said(fields));
      case TAGS, REFERRERS -> List.of();
    };
  }

  @Override
  public Choice choose(String path, Supplier<List<String>> accept) {
    RegistryPath named = parse(path);
    if (named == null || named.kind() != RegistryPath.Kind.MANIFEST) {
      return Choice.NONE;
    }
    return named.isByDigest() ? new Choice(ANY_MANIFEST, "") : chosen(accept.get());
  }

  @Override
  public @Nullable String lastingPath(String path, Digest sha256) {
    RegistryPath named = parse(path);
    if (named == null || named.kind() != RegistryPath.Kind.MANIFEST || named.isByDigest()) {
      return null;
    }
    return PREFIX + named.name() + "/manifests/" + sha256;
  }

  private static @Nullable RegistryPath parse(String path) {
    return path.startsWith(PREFIX) ? RegistryPath.parse(path.substring(PREFIX.length())) : null;
  }

  private static @Nullable Digest said(Fields fields) {
    if (fields.all("Content-Type").stream().anyMatch(type -> type.startsWith(SIGNED))) {
      return null;
    }
    List<String> lines = fields.all(DIGEST_FIELD);
    return lines.size() == 1 ? RegistryPath.digest(lines.getFirst().strip()) : null;
  }

  private static List<Digest> listed(@Nullable Digest digest) {
    return digest == null ? List.of() : List.of(digest);
  }

  private static Choice chosen(List<String> lines) {
    SortedSet<String> ranges = new TreeSet<>();
    for (String line : lines) {
      for (String range : line.split(",", -1)) {
        ranges.add(range.strip());
      }
    }
    ranges.remove("");
    if (ranges.isEmpty()) {
      return Choice.NONE;
    }
    String accept = String.join(", ", ranges);
    try {
      byte[] hash =
          MessageDigest.getInstance(DigestAlgorithm.SHA_256.jcaName())
              .digest(accept.getBytes(StandardCharsets.ISO_8859_1));
      String variant = "accept:" + HexFormat.of().formatHex(hash, 0, VARIANT_BYTES);
      return new Choice(List.of(accept), variant);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
