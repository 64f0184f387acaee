package dev.millrace.origin;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry wants a token fetched, and what for (RFC 6750 §3; Docker Registry token
 * specification).
 *
 * @param realm URL of the token server
 * @param service the registry's name there, empty for none
 * @param scope what is to be allowed, empty for nothing in particular
 */
record Challenge(String realm, String service, String scope) {
  /** A scheme; what follows it are its parameters (RFC 9110 §11.6.1). */
  private static final Pattern SCHEME =
      Pattern.compile("[\\s,]*+([A-Za-z0-9_-]++)(?:\\s++|$|(?=,))");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*+,?\\s*+([A-Za-z0-9_-]++)\\s*+=\\s*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]++))");

  private static final Pattern ESCAPED = Pattern.compile("\\\\(.)");

  /** The first that asks for a bearer token; null when none does, or it names no realm. */
  static @Nullable Challenge bearer(List<String> fields) {
    String text = String.join(", ", fields);
    Matcher scheme = SCHEME.matcher(text);
    Matcher parameter = PARAMETER.matcher(text);
    Challenge found = new Challenge("", "", "");
    boolean bearer = false;
    int at = 0;
    while (at < text.length()) {
      if (parameter.region(at, text.length()).lookingAt()) {
        found = bearer ? found.with(parameter.group(1), value(parameter)) : found;
        at = parameter.end();
      } else if (!found.realm.isEmpty() || !scheme.region(at, text.length()).lookingAt()) {
        break;
      } else {
        bearer = scheme.group(1).equalsIgnoreCase("Bearer");
        at = scheme.end();
      }
    }
    return found.realm.isEmpty() ? null : found;
  }

  private static String value(Matcher parameter) {
    String quoted = parameter.group(2);
    return quoted == null ? parameter.group(3) : ESCAPED.matcher(quoted).replaceAll("$1");
  }

  private Challenge with(String name, String value) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "realm" -> new Challenge(value, service, scope);
      case "service" -> new Challenge(realm, value, scope);
      case "scope" -> new Challenge(realm, service, value);
      default -> this;
    };
  }

  /**
   * The same for what is needed and no more: to pull from that repository, whatever the registry
   * suggests.
   */
  Challenge toPull(String repository) {
    return new Challenge(realm, service, "repository:" + repository + ":pull");
  }

  /** The URL of the token; several scopes are several parameters. */
  String url() {
    StringBuilder url = new StringBuilder(realm);
    char joint = realm.indexOf('?') < 0 ? '?' : '&';
    if (!service.isEmpty()) {
      url.append(joint).append("service=").append(encoded(service));
      joint = '&';
    }
    for (String one : scope.isBlank() ? List.<String>of() : List.of(scope.strip().split(" +"))) {
      url.append(joint).append("scope=").append(encoded(one));
      joint = '&';
    }
    return url.toString();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
