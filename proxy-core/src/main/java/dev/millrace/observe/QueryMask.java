package dev.millrace.observe;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Takes secrets out of a request target or URL before it is written anywhere: values of query
 * parameters whose name speaks of a credential, and user information.
 *
 * <p>Signed URLs carry their right in the query, so that a log line would hand it on.
 */
public final class QueryMask {
  private static final String MASK = "***";

  private static final Set<String> NAMES =
      Set.of("sig", "auth", "authorization", "key", "jwt", "sid", "session", "pwd", "pass", "code");
  private static final List<String> PARTS =
      List.of(
          "token", "secret", "passw", "signature", "credential", "apikey", "api_key", "api-key");
  private static final List<String> PREFIXES = List.of("x-amz-", "x-goog-");

  private QueryMask() {}

  /** The same text with {@code ***} in place of each secret; the same object when there is none. */
  public static String mask(String target) {
    String shown = maskUser(target);
    int query = shown.indexOf('?');
    if (query < 0) {
      return shown;
    }
    StringBuilder masked = new StringBuilder(shown.length()).append(shown, 0, query + 1);
    boolean changed = false;
    int start = query + 1;
    while (start <= shown.length()) {
      int end = endOfParameter(shown, start);
      int equals = shown.indexOf('=', start);
      if (equals >= 0 && equals + 1 < end && isSecret(shown.substring(start, equals))) {
        masked.append(shown, start, equals + 1).append(MASK);
        changed = true;
      } else {
        masked.append(shown, start, end);
      }
      if (end < shown.length()) {
        masked.append(shown.charAt(end));
      }
      start = end + 1;
    }
    return changed ? masked.toString() : shown;
  }

  private static int endOfParameter(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '&' || c == ';' || c == '#') {
        return i;
      }
    }
    return text.length();
  }

  private static boolean isSecret(String rawName) {
    String name = decode(rawName).strip().toLowerCase(Locale.ROOT);
    return NAMES.contains(name)
        || PARTS.stream().anyMatch(name::contains)
        || PREFIXES.stream().anyMatch(name::startsWith);
  }

  /** An upstream reads {@code %74oken} as {@code token}, so the mask does too. */
  private static String decode(String rawName) {
    try {
      return URLDecoder.decode(rawName, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return rawName; // A bad escape: nobody else can read it either.
    }
  }

  private static String maskUser(String target) {
    int authority = target.indexOf("://");
    if (authority < 0) {
      return target;
    }
    int end = authority + 3;
    int at = -1;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      if (target.charAt(end) == '@') {
        at = end;
      }
      end++;
    }
    return at < 0 ? target : target.substring(0, authority + 3) + MASK + target.substring(at);
  }
}
