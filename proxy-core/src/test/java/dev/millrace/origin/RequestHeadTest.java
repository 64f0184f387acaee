package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.fill.FetchRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exactly what goes out (traps CR01, CK12, SR13). */
final class RequestHeadTest {
  private static final String SECRET = "s3cret-marker";

  private static String encode(String baseUrl, String path, RequestHead.Extras extras) {
    OriginFixture.Remote remote = new OriginFixture.Remote();
    FetchRequest request = FetchRequest.get(remote.at(baseUrl), path);
    Target target = new Upstream(request.remote()).target(path);
    ByteBuf head = RequestHead.encode(UnpooledByteBufAllocator.DEFAULT, request, target, extras);
    try {
      return head.toString(StandardCharsets.ISO_8859_1);
    } finally {
      head.release();
    }
  }

  private static RequestHead.Extras plain() {
    return new RequestHead.Extras("millrace/test", null, null, false);
  }

  @Test
  void head_holdsNothingElse() {
    assertThat(encode("http://o.example:8080/base", "a/b%2fc?x=y", plain()))
        .isEqualTo(
            """
            GET /base/a/b%2fc?x=y HTTP/1.1\r
            Host: o.example:8080\r
            Accept: */*\r
            Accept-Encoding: identity\r
            User-Agent: millrace/test\r
            \r
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "http://o.example, http://127.0.0.1:9/x, GET /http://127.0.0.1:9/x HTTP/1.1",
    "http://o.example, /127.0.0.1:9/x, GET //127.0.0.1:9/x HTTP/1.1",
    "http://o.example/, @127.0.0.1:9/x, GET /@127.0.0.1:9/x HTTP/1.1",
    "http://o.example/a/, x, GET /a/x HTTP/1.1",
    "http://o.example/a%2fb, x, GET /a%2fb/x HTTP/1.1",
  })
  void path_isAppended_neverAHost(String baseUrl, String path, String line) {
    assertThat(encode(baseUrl, path, plain()))
        .startsWith(line + "\r\n")
        .contains("\r\nHost: o.example\r\n");
  }

  @Test
  void absoluteForm_andBothCredentials_areForAProxy() {
    var extras = new RequestHead.Extras("millrace/test", "Basic b3Jp", "Basic cHJveHk=", true);
    assertThat(encode("http://o.example", "x", extras))
        .startsWith("GET http://o.example/x HTTP/1.1\r\nHost: o.example\r\n")
        .contains("\r\nAuthorization: Basic b3Jp\r\nProxy-Authorization: Basic cHJveHk=\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\rb", "a\nb", "a\tb", "a\u0000b", "a\u007fb", "a\u00e4b", "a#b"})
  void pathThatCouldEndTheLine_isAFaultOfOurs(String path) {
    assertThatThrownBy(() -> encode("http://o.example", path, plain()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(path);
  }

  @Test
  void valueThatCouldEndTheLine_isAFaultOfOurs_andIsNotShown() {
    var extras = new RequestHead.Extras("millrace/test", SECRET + "\r\nX: y", null, false);
    assertThatThrownBy(() -> encode("http://o.example", "x", extras))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(SECRET);
  }

  /** Trap CR06: whatever is printed by accident shows no credential. */
  @Test
  void nothingPrintsACredential() {
    OriginFixture.Remote remote = new OriginFixture.Remote();
    remote.username = "user";
    remote.password = SECRET;
    Upstream upstream = new Upstream(remote.at("http://o.example"));
    Credential credential = upstream.credential();
    assertThat(credential)
        .isEqualTo(new Credential(upstream.origin(), Upstream.basic("user", SECRET)));
    String authorization = Upstream.basic("user", SECRET);
    assertThat(
            upstream
                + " "
                + credential
                + upstream.target("x?token=" + SECRET)
                + new RequestHead.Extras("ua", authorization, authorization, false)
                + upstream.remote())
        .doesNotContain(SECRET)
        .doesNotContain(authorization);
  }

  @Test
  void credential_isForItsOriginOnly() {
    Credential credential = new Credential(new Origin(true, "o.example", 443), "x");
    assertThat(credential.valueFor(new Origin(true, "o.example", 443))).isEqualTo("x");
    assertThat(credential.valueFor(new Origin(false, "o.example", 443))).isNull();
    assertThat(credential.valueFor(new Origin(true, "o.example", 8443))).isNull();
    assertThat(credential.valueFor(new Origin(true, "e.example", 443))).isNull();
    assertThat(credential.valueFor(new Origin(true, "o.example.", 443))).isNull();
  }
}
