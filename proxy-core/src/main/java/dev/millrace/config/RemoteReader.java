package dev.millrace.config;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes one remote of its values. */
final class RemoteReader {
  private static final Duration DIAL_DEFAULT = Duration.ofSeconds(10);
  private static final Duration TLS_DEFAULT = Duration.ofSeconds(10);
  private static final Duration RESPONSE_HEAD_DEFAULT = Duration.ofSeconds(30);
  private static final Duration IDLE_DEFAULT = Duration.ofSeconds(60);

  private final Values values;

  RemoteReader(Values values) {
    this.values = values;
  }

  /** The remote; null when a required value is missing or wrong, which is noted. */
  @Nullable RemoteSettings read() {
    String name = values.require(SettingsSchema.NAME);
    String type = values.require(SettingsSchema.PACKAGE_TYPE);
    BaseUrl baseUrl = values.require(SettingsSchema.BASE_URL);
    // Read for its problems only: there is but one value so far.
    values.find(SettingsSchema.REPO_TYPE);
    RemoteSettings remote =
        remote(
            name == null ? "" : name,
            type == null ? "" : type,
            baseUrl == null ? new BaseUrl(URI.create("http://invalid"), "", "") : baseUrl);
    return name == null || type == null || baseUrl == null ? null : remote;
  }

  private RemoteSettings remote(String name, String type, BaseUrl baseUrl) {
    return new RemoteSettings(
        name,
        type,
        baseUrl.url(),
        values.get(SettingsSchema.DESCRIPTION),
        username(baseUrl),
        credential(SettingsSchema.PASSWORD, baseUrl.password()),
        tokenServer(),
        values.get(SettingsSchema.IMMUTABLE_TTL),
        values.get(SettingsSchema.MUTABLE_TTL),
        values.get(SettingsSchema.NEGATIVE_TTL),
        values.get(SettingsSchema.PATTERNS),
        values.get(SettingsSchema.BLOCKLIST),
        values.get(SettingsSchema.MUTABLE_PATTERNS),
        values.get(SettingsSchema.IMMUTABLE_PATTERNS),
        banTags(),
        values.get(SettingsSchema.CHECK_MUTABLE),
        values.get(SettingsSchema.STALE_ON_ERROR),
        values.get(SettingsSchema.REWRITE_LINKS),
        Set.copyOf(values.get(SettingsSchema.FILE_HOSTS)),
        values.get(SettingsSchema.RELEASES_REMOTE),
        values.get(SettingsSchema.VERIFY),
        values.get(SettingsSchema.EARLY_RANGE),
        values.get(SettingsSchema.COMPLETE_PARTIAL),
        values.get(SettingsSchema.PARALLEL_SEGMENTS),
        values.get(SettingsSchema.FILL_AFTER_DISCONNECT),
        values.get(SettingsSchema.MAX_CONNECTIONS),
        timeouts(),
        caFile(),
        values.get(SettingsSchema.ALLOW_PRIVATE_REDIRECTS),
        values.get(SettingsSchema.ALLOW_INSECURE_REDIRECTS));
  }

  private RemoteSettings.OriginTimeouts timeouts() {
    return new RemoteSettings.OriginTimeouts(
        orDefault(values.get(SettingsSchema.DIAL_TIMEOUT), DIAL_DEFAULT),
        orDefault(values.get(SettingsSchema.TLS_TIMEOUT), TLS_DEFAULT),
        orDefault(values.get(SettingsSchema.RESPONSE_HEADER_TIMEOUT), RESPONSE_HEAD_DEFAULT),
        orDefault(values.get(SettingsSchema.IDLE_TIMEOUT), IDLE_DEFAULT));
  }

  private static Duration orDefault(Duration given, Duration otherwise) {
    return given.isZero() ? otherwise : given;
  }

  private String username(BaseUrl baseUrl) {
    String username = credential(SettingsSchema.USERNAME, baseUrl.username());
    if (username.indexOf(':') >= 0) {
      // RFC 7617 §2: the first colon ends the user.
      values.refuse(SettingsSchema.USERNAME, "must not hold a colon");
    }
    return username;
  }

  private String credential(Key<String> key, String fromUrl) {
    String given = values.get(key);
    if (fromUrl.isEmpty()) {
      return given;
    }
    if (!given.isEmpty()) {
      values.refuse(key, "is given twice: here and in base_url");
    } else if (fromUrl.chars().anyMatch(Character::isISOControl)) {
      values.refuse(SettingsSchema.BASE_URL, "must not hold control characters");
    }
    return fromUrl;
  }

  private List<Pattern> banTags() {
    List<Pattern> tags = values.get(SettingsSchema.BAN_TAGS);
    return values.get(SettingsSchema.BAN_TAGS_ENABLED) ? tags : List.of();
  }

  private @Nullable URI tokenServer() {
    BaseUrl server = values.find(SettingsSchema.TOKEN_SERVER);
    if (server == null) {
      return null;
    }
    if (!server.username().isEmpty() || !server.password().isEmpty()) {
      values.refuse(SettingsSchema.TOKEN_SERVER, "must not hold credentials");
    }
    return server.url();
  }

  private @Nullable Path caFile() {
    Path file = values.find(SettingsSchema.CA_FILE);
    if (file == null) {
      return null;
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
        values.refuse(SettingsSchema.CA_FILE, file + " holds no certificate");
      }
    } catch (IOException e) {
      values.refuse(SettingsSchema.CA_FILE, file + " cannot be read");
    } catch (CertificateException e) {
      values.refuse(SettingsSchema.CA_FILE, file + " does not hold PEM certificates");
    }
    return file;
  }
}
