package dev.millrace.policy;

import com.google.re2j.Pattern;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.RegistryPath;
import dev.millrace.config.RemoteSettings;
import dev.millrace.observe.Refusal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The allow and deny lists of a remote, and the tags that a registry's remote bans: one gate for
 * GET, HEAD, ranges and joining alike.
 *
 * <p>A path is tested as it was spelled, as it decodes, and as servers may simplify it (empty
 * segments and path parameters dropped, backslashes as slashes), so that a spelling does not walk
 * around a rule: the deny list refuses when any of them matches, the allow list must match the
 * decoded form. The query takes no part. Patterns match anywhere unless they are anchored, in time
 * linear in the path (RE2).
 *
 * <p>Threading: immutable.
 */
public final class PathRules {
  private static final String REGISTRY_ROOT = "v2/";

  private final List<Pattern> patterns;
  private final List<Pattern> blocklist;
  private final List<Pattern> banTags;

  /** The rules of that remote. */
  public PathRules(RemoteSettings remote) {
    patterns = remote.patterns();
    blocklist = remote.blocklist();
    banTags = remote.banTags();
  }

  /** Why the path is refused, or null when it may pass; one that cannot be decoded is refused. */
  public @Nullable Refusal refusalOf(String pathAndQuery) {
    if (patterns.isEmpty() && blocklist.isEmpty() && banTags.isEmpty()) {
      return null;
    }
    String raw = ArtifactKey.withoutQuery(pathAndQuery);
    String decoded;
    try {
      // A plus sign stands for itself in a path.
      decoded = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Refusal.BAD_PATH;
    }
    if (anyMatches(blocklist, raw)
        || anyMatches(blocklist, decoded)
        || anyMatches(blocklist, simplified(decoded))) {
      return Refusal.BLOCKLIST;
    }
    if (!patterns.isEmpty() && !anyMatches(patterns, decoded)) {
      return Refusal.PATTERNS;
    }
    return isBannedTag(raw) ? Refusal.BANNED_TAG : null;
  }

  /** Of manifests alone: what a digest names is the same whatever tag led there. */
  private boolean isBannedTag(String path) {
    if (banTags.isEmpty() || !path.startsWith(REGISTRY_ROOT)) {
      return false;
    }
    RegistryPath named = RegistryPath.parse(path.substring(REGISTRY_ROOT.length()));
    return named != null
        && named.kind() == RegistryPath.Kind.MANIFEST
        && !named.isByDigest()
        && anyMatches(banTags, named.reference());
  }

  /** Without empty segments and path parameters, with slashes for backslashes. */
  private static String simplified(String decoded) {
    StringBuilder simple = new StringBuilder(decoded.length());
    boolean inParameter = false;
    for (int i = 0; i < decoded.length(); i++) {
      char c = decoded.charAt(i) == '\\' ? '/' : decoded.charAt(i);
      boolean atSegmentStart = simple.isEmpty() || simple.charAt(simple.length() - 1) == '/';
      inParameter = c == ';' || (inParameter && c != '/');
      if (!inParameter && !(c == '/' && atSegmentStart)) {
        simple.append(c);
      }
    }
    return simple.toString();
  }

  private static boolean anyMatches(List<Pattern> rules, String path) {
    for (Pattern rule : rules) {
      if (rule.matcher(path).find()) {
        return true;
      }
    }
    return false;
  }
}
