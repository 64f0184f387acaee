package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.RegistryPath;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Container registries (OCI distribution specification 1.1; Docker Registry HTTP API V2): what a
 * digest names never changes and is proven by it; tags and lists change.
 *
 * <p>Paths begin with {@code v2/}, below the base URL. What the specification does not know is
 * relayed.
 *
 * <p>A registry chooses a tag's manifest by {@code Accept}, so that is a part of its key: the media
 * ranges in one order and one spelling, hashed, since clients send hundreds of characters.
 */
final class DockerFormat implements Format {
  private static final String PREFIX = "v2/";
  private static final String DIGEST_FIELD = "Docker-Content-Digest";

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
    List<String> lines = accept.get();
    return new Choice(lines, named.isByDigest() ? "" : variant(lines));
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
    List<String> lines = fields.all(DIGEST_FIELD);
    return lines.size() == 1 ? RegistryPath.digest(lines.getFirst().strip()) : null;
  }

  private static List<Digest> listed(@Nullable Digest digest) {
    return digest == null ? List.of() : List.of(digest);
  }

  private static String variant(List<String> lines) {
    SortedSet<String> ranges = new TreeSet<>();
    for (String line : lines) {
      for (String range : line.split(",", -1)) {
        ranges.add(range.replace(" ", "").replace("\t", "").toLowerCase(Locale.ROOT));
      }
    }
    ranges.remove("");
    if (ranges.isEmpty()) {
      return "";
    }
    try {
      byte[] hash =
          MessageDigest.getInstance(DigestAlgorithm.SHA_256.jcaName())
              .digest(String.join(",", ranges).getBytes(StandardCharsets.ISO_8859_1));
      return "accept:" + HexFormat.of().formatHex(hash, 0, VARIANT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
