package dev.millrace.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is: {@code postgresql://HOST[:PORT]/DATABASE[?sslmode=MODE]}.
 *
 * <p>No message of this class shows the URL: somebody may have put a password into it.
 *
 * @param host name or literal address, without brackets
 * @param port 1 to 65535
 * @param database its name on the server
 * @param sslMode how far TLS is wanted
 */
public record DatabaseUrl(String host, int port, String database, SslMode sslMode) {
  private static final int DEFAULT_PORT = 5432;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,63}");
  private static final String SSL_MODE = "sslmode=";

  /** How far TLS to the server is wanted, in PostgreSQL's own words. */
  public enum SslMode {
    /** Never. */
    DISABLE,
    /** Where the server has it; whoever sits in between can take it away. */
    PREFER,
    /** Always; the server may be anybody. */
    REQUIRE,
    /** Always, and the server's certificate is of an authority that is trusted. */
    VERIFY_CA,
    /** The same, and it names the host. */
    VERIFY_FULL;

    private static final Map<String, SslMode> WORDS =
        Map.of(
            "disable",
            DISABLE,
            "prefer",
            PREFER,
            "require",
            REQUIRE,
            "verify-ca",
            VERIFY_CA,
            "verify-full",
            VERIFY_FULL);

    /** Whether the server's certificate is looked at. */
    public boolean verifies() {
      return this == VERIFY_CA || this == VERIFY_FULL;
    }

    /** As it stands in a URL. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Reads and checks a URL. */
  static DatabaseUrl parse(String text) throws BadValueException {
    if (text.startsWith("jdbc:")) {
      throw new BadValueException("must begin with postgresql://, without jdbc:");
    }
    URI given;
    try {
      given = new URI(text);
    } catch (URISyntaxException e) {
      throw new BadValueException("is not a URL: " + e.getReason());
    }
    String scheme = given.getScheme() == null ? "" : given.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("postgresql") && !scheme.equals("postgres")) {
      throw new BadValueException("must begin with postgresql://");
    }
    if (given.getRawUserInfo() != null) {
      throw new BadValueException(
          "must not hold credentials: catalog.username and catalog.password are for them");
    }
    String host = given.getHost();
    if (host == null || host.isEmpty()) {
      throw new BadValueException(
          "has no valid host (letters, digits, dots and hyphens, or an IP address)");
    }
    if (given.getPort() == 0 || given.getPort() > 65_535) {
      throw new BadValueException("has no valid port (1 to 65535)");
    }
    String path = given.getRawPath();
    if (path.isEmpty() || !NAME.matcher(path.substring(1)).matches()) {
      throw new BadValueException(
          "names no database: postgresql://HOST:PORT/DATABASE, of letters, digits and _ . -");
    }
    if (given.getRawFragment() != null) {
      throw new BadValueException("must not have a fragment");
    }
    return new DatabaseUrl(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        given.getPort() < 0 ? DEFAULT_PORT : given.getPort(),
        path.substring(1),
        sslMode(given.getRawQuery()));
  }

  private static SslMode sslMode(@Nullable String query) throws BadValueException {
    if (query == null) {
      return SslMode.PREFER;
    }
    SslMode mode =
        query.startsWith(SSL_MODE) ? SslMode.WORDS.get(query.substring(SSL_MODE.length())) : null;
    if (mode == null) {
      throw new BadValueException(
          "may have sslmode=disable, prefer, require, verify-ca or verify-full behind its ?, and"
              + " nothing else");
    }
    return mode;
  }

  /** As messages show it. */
  @Override
  public String toString() {
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return "postgresql://" + literal + ":" + port + "/" + database;
  }
}
