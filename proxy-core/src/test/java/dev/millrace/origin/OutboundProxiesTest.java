package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
final class OutboundProxiesTest {
  private static final Origin SECURE = new Origin(true, "o.example", 443);
  private static final Origin PLAIN = new Origin(false, "o.example", 80);

  @Test
  void eachScheme_hasItsProxy() {
    OutboundProxies proxies =
        OutboundProxies.of(
            Map.of("HTTP_PROXY", "http://p.example:3128", "https_proxy", "q.example:8080"));
    assertThat(proxies.forOrigin(PLAIN)).hasToString("p.example:3128");
    assertThat(proxies.forOrigin(SECURE)).hasToString("q.example:8080");
    assertThat(OutboundProxies.none().forOrigin(PLAIN)).isNull();
    assertThat(OutboundProxies.of(Map.of("HTTP_PROXY", " ")).forOrigin(PLAIN)).isNull();
  }

  @Test
  void credentials_areDecoded_andNeverShown() {
    OutboundProxies proxies =
        OutboundProxies.of(Map.of("HTTPS_PROXY", "http://us%40er:s3cret%2B+marker@p.example"));
    OutboundProxies.Proxy proxy = proxies.forOrigin(SECURE);
    assertThat(proxy)
        .isEqualTo(new OutboundProxies.Proxy("p.example", 80, "us@er", "s3cret++marker"));
    assertThat(proxies + " " + proxy).doesNotContain("s3cret").contains("p.example:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://p.example:3128",
        "socks5://user:s3cret@p.example",
        "http://",
        "http://user:s3cret@",
        "http://p.example:x",
        "http://user:s3cret@p example"
      })
  void proxyThatCannotBeUsed_isNamed_butNotShown(String value) {
    assertThatThrownBy(() -> OutboundProxies.of(Map.of("HTTPS_PROXY", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageNotContaining("s3cret")
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource({
    "*, o.example, true",
    "o.example, o.example, true",
    "o.example, a.o.example, true",
    "o.example, xo.example, false",
    ".o.example, a.o.example, true",
    ".o.example, o.example, false",
    "*.o.example, a.o.example, true",
    "O.Example, o.example, true",
    "example, o.example, true",
    "o.example:443, o.example, true",
    "o.example:80, o.example, false",
    "10.0.0.0/8, 10.1.2.3, true",
    "10.0.0.0/8, 11.1.2.3, false",
    "10.0.0.0/12, 10.15.2.3, true",
    "10.0.0.0/12, 10.16.2.3, false",
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1:80, 10.0.0.1, false",
    "10.0.0.0/8, a10.example, false",
    "fd00::/8, fd12::1, true",
    "[fd12::1]:443, fd12::1, true",
    "fd12::1, fd12::1, true",
    "'a.example, o.example', o.example, true",
    "'', o.example, false",
    "'', 127.0.0.1, true",
    "'', ::1, true",
    "'', localhost, true",
  })
  void noProxy_exempts(String list, String host, boolean exempt) {
    OutboundProxies proxies =
        OutboundProxies.of(Map.of("HTTPS_PROXY", "http://p.example", "NO_PROXY", list));
    assertThat(proxies.forOrigin(new Origin(true, host, 443)) == null).isEqualTo(exempt);
  }
}
