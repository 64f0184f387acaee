package dev.millrace.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An upstream's address, taken apart so that credentials never stand in a URL again.
 *
 * <p>No message of this class shows the URL: it may hold a password.
 *
 * @param url scheme, host and port in one spelling, path without trailing slash, nothing else
 * @param username from the user information, empty for none
 * @param password from the user information, empty for none
 */
record BaseUrl(URI url, String username, String password) {

  /** Reads and checks an address. */
  static BaseUrl parse(String text) throws BadValueException {
    URI given;
    try {
      given = new URI(text);
    } catch (URISyntaxException e) {
      throw new BadValueException("is not a URL: " + e.getReason());
    }
    String scheme = given.getScheme() == null ? "" : given.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new BadValueException("must begin with http:// or https://");
    }
    String host = given.getHost();
    if (host == null || host.isEmpty()) {
      throw new BadValueException(
          "has no valid host (letters, digits, dots and hyphens, or an IP address)");
    }
    if (given.getPort() == 0 || given.getPort() > 65_535) {
      throw new BadValueException("has no valid port (1 to 65535)");
    }
    if (given.getRawQuery() != null) {
      throw new BadValueException("must not have a query");
    }
    if (given.getRawFragment() != null) {
      throw new BadValueException("must not have a fragment");
    }
    String port = given.getPort() < 0 ? "" : ":" + given.getPort();
    URI url =
        URI.create(
            scheme + "://" + host.toLowerCase(Locale.ROOT) + port + path(given.getRawPath()));
    String userInfo = given.getRawUserInfo() == null ? "" : given.getRawUserInfo();
    int colon = userInfo.indexOf(':');
    String username = colon < 0 ? userInfo : userInfo.substring(0, colon);
    String password = colon < 0 ? "" : userInfo.substring(colon + 1);
    return new BaseUrl(url, decode(username), decode(password));
  }

  /** Never shows the credentials. */
  @Override
  public String toString() {
    return url.toString();
  }

  private static String path(String rawPath) throws BadValueException {
    for (String segment : rawPath.split("/", -1)) {
      String plain = segment.toLowerCase(Locale.ROOT).replace("%2e", ".");
      if (plain.equals(".") || plain.equals("..")) {
        throw new BadValueException("must not have dot segments");
      }
    }
    int end = rawPath.length();
    while (end > 0 && rawPath.charAt(end - 1) == '/') {
      end--;
    }
    return rawPath.substring(0, end);
  }

  private static String decode(String rawUserInfo) {
    // URLDecoder is for forms: it would make a space of a plus sign.
    return URLDecoder.decode(rawUserInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
