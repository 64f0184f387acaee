package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Networks;
import dev.millrace.config.Settings;
import dev.millrace.config.SettingsFile;
import dev.millrace.config.SettingsSources;
import dev.millrace.serve.ClientRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What links begin with (RFC 7239 for {@code Forwarded}). */
final class PublicUrlTest {
  private static String of(boolean tls, String client, String... fields) throws Exception {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String field : fields) {
      int colon = field.indexOf(':');
      headers.add(field.substring(0, colon), field.substring(colon + 1).strip());
    }
    Settings settings =
        SettingsFile.read(
            new SettingsSources(
                null,
                Map.of("MILLRACE_TRUSTED_PROXIES", "10.0.0.0/8"),
                SettingsSources.Options.NONE),
            1 << 30);
    return new PublicUrl(settings.outward())
        .of(new ClientRequest("GET", "/", headers, client, tls, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=1.2.3.4;host=a.example.com;proto=https | https://a.example.com",
        "host=\"a.example.com:8443\";proto=https | https://a.example.com:8443",
        "Host=a.example.com | http://a.example.com",
        "proto=https | https://here:8000",
        "host=evil.example.com, host=a.example.com | http://a.example.com",
        "host=\"a b\" | http://here:8000",
        "host=a\"onload=b;proto=gopher | http://here:8000",
        "nonsense | http://here:8000"
      })
  void forwarded_ofATrustedProxy_counts(String value, String expected) throws Exception {
    assertThat(of(false, "10.1.2.3", "Host: here:8000", "Forwarded: " + value)).isEqualTo(expected);
  }

  @Test
  void forwarded_ofAnybodyElse_doesNot() throws Exception {
    assertThat(
            of(
                true,
                "11.0.0.1",
                "Host: here",
                "Forwarded: host=evil.example.com",
                "X-Forwarded-Host: evil.example.com"))
        .isEqualTo("https://here");
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com, https, https://a.example.com",
    "'x, b.example.com', , http://b.example.com"
  })
  void olderFields_countWhereThereIsNoForwarded(
      String host, @Nullable String proto, String expected) throws Exception {
    assertThat(
            of(
                false,
                "10.0.0.1",
                "Host: here",
                "X-Forwarded-Host: " + host,
                "X-Forwarded-Proto: " + (proto == null ? "" : proto)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"[::1]:8000, http://[::1]:8000", "'', ''", "a/b, ''"})
  void host_isTakenIfItIsOne(String host, String expected) throws Exception {
    assertThat(of(false, "11.0.0.1", "Host: " + host)).isEqualTo(expected);
  }

  @Test
  void configuredUrl_isBeforeAll() {
    HttpHeaders headers = new DefaultHttpHeaders().add("Host", "here");

    assertThat(
            new PublicUrl(
                    new Settings.Outward(URI.create("https://pkgs.example.com/m"), Networks.NONE))
                .of(new ClientRequest("GET", "/", headers, "10.0.0.1", false, 0)))
        .isEqualTo("https://pkgs.example.com/m");
  }
}
