package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS to upstreams and tunnels through proxies (traps TL01, TL02). */
final class OriginTlsTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String SECRET = "s3cret-marker";
  @TempDir private static Path folder = Path.of("");
  private static X509Bundle authority = authority("CN=Authority");
  private final Queue<String> names = new ConcurrentLinkedQueue<>();
  private final OriginFixture fixture = OriginFixture.open();

  @BeforeAll
  static void writeAuthority() throws IOException {
    Files.writeString(folder.resolve("ca.pem"), authority.getRootCertificatePEM());
    Files.writeString(
        folder.resolve("two.pem"),
        authority("CN=Another").getRootCertificatePEM() + authority.getRootCertificatePEM());
    Files.writeString(folder.resolve("other.pem"), authority("CN=Other").getRootCertificatePEM());
    Files.writeString(folder.resolve("empty.pem"), "");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Instant inDays(int days) {
    return Instant.now().plus(Duration.ofDays(days));
  }

  private static CertificateBuilder builder() {
    return new CertificateBuilder().notBefore(inDays(-10)).notAfter(inDays(10));
  }

  private static X509Bundle authority(String subject) {
    try {
      return builder().subject(subject).setIsCertificateAuthority(true).buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static CertificateBuilder leaf() {
    return builder()
        .subject("CN=leaf")
        .addSanDnsName("o.test")
        .addSanIpAddress("127.0.0.1")
        .addExtendedKeyUsageServerAuth();
  }

  private static OriginFixture.Remote trusting(String file) {
    OriginFixture.Remote remote = new OriginFixture.Remote();
    remote.caFile = file.isEmpty() ? null : folder.resolve(file);
    return remote;
  }

  private ScriptedOrigin secured(X509Bundle bundle, ScriptedOrigin.Script... scripts)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(bundle.toKeyManagerFactory().getKeyManagers(), null, null);
    return ScriptedOrigin.secured(socket -> accept(context, socket), scripts);
  }

  private Socket accept(SSLContext context, Socket socket) throws IOException {
    SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
    secure.setUseClientMode(false);
    secure.startHandshake();
    if (secure.getSession() instanceof ExtendedSSLSession session) {
      session.getRequestedServerNames().stream()
          .filter(SNIHostName.class::isInstance)
          .forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
    }
    return secure;
  }

  @Test
  void trustedUpstream_isAsked_byName_onOneConnection() throws Exception {
    fixture.host("o.test", "127.0.0.1");
    try (ScriptedOrigin origin =
        secured(leaf().buildIssuedBy(authority), ScriptedOrigin.answering(HELLO))) {
      var remote = trusting("two.pem").at("https://o.test:" + origin.port());
      for (int i = 0; i < 5; i++) {
        assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(names).containsExactly("o.test");
    }
  }

  @Test
  void trustedUpstream_isAsked_byAddress() throws Exception {
    try (ScriptedOrigin origin =
        secured(leaf().buildIssuedBy(authority), ScriptedOrigin.answering(HELLO))) {
      var remote = trusting("ca.pem").at("https://127.0.0.1:" + origin.port());
      assertThat(fixture.get(remote, "x").summary()).isEqualTo("200 LENGTH_MET hello");
    }
  }

  static Stream<Arguments> refused() throws Exception {
    X509Bundle good = leaf().buildIssuedBy(authority);
    return Stream.of(
        Arguments.of("not trusted", "", good),
        Arguments.of("another authority", "other.pem", good),
        Arguments.of(
            "self-signed", "ca.pem", leaf().setIsCertificateAuthority(true).buildSelfSigned()),
        Arguments.of(
            "wrong name",
            "ca.pem",
            builder().subject("CN=o.test").addSanDnsName("e.test").buildIssuedBy(authority)),
        Arguments.of("expired", "ca.pem", leaf().notAfter(inDays(-1)).buildIssuedBy(authority)),
        Arguments.of("not yet", "ca.pem", leaf().notBefore(inDays(1)).buildIssuedBy(authority)),
        Arguments.of("empty ca_file", "empty.pem", good),
        Arguments.of("no ca_file", "missing.pem", good));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void untrustedUpstream_isNotAsked(String name, String file, X509Bundle bundle) throws Exception {
    fixture.host("o.test", "127.0.0.1");
    try (ScriptedOrigin origin = secured(bundle, ScriptedOrigin.answering(HELLO))) {
      OriginFixture.Remote remote = trusting(file);
      remote.password = SECRET;
      var outcome = fixture.get(remote.at("https://o.test:" + origin.port()), "x");
      assertThat(outcome.summary()).isEqualTo("TLS");
      assertThat(outcome.detail()).doesNotContain(SECRET).doesNotContain(folder.toString());
      assertThat(origin.heads()).noneMatch(head -> head.startsWith("GET"));
    }
  }

  @Test
  void clearTextInPlaceOfAHandshake_isRefused() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(peer -> {
          peer.send(HELLO);
          peer.awaitClose();
        })) {
      var remote = trusting("ca.pem").at("https://127.0.0.1:" + origin.port());
      assertThat(fixture.get(remote, "x").summary()).isEqualTo("TLS");
    }
  }

  @Test
  void largeBody_comesInReadsOfTheAllowedSize() throws Exception {
    String body = "0123456789abcdef".repeat(500_000);
    String response = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    try (ScriptedOrigin origin =
        secured(leaf().buildIssuedBy(authority), ScriptedOrigin.answering(response))) {
      var remote = trusting("ca.pem").at("https://127.0.0.1:" + origin.port());
      RecordingSink sink = fixture.start(remote, "x", RecordingSink.patient());
      sink.awaitHead();
      while (!sink.isDone()) {
        long reads = sink.reads();
        long before = sink.bytes();
        sink.read();
        Waiting.until(() -> sink.isDone() || sink.reads() > reads);
        assertThat(sink.bytes() - before)
            .isLessThanOrEqualTo(Limits.READ_BUFFER_BYTES + Limits.ORIGIN_HEAD_READ_BYTES);
      }
      assertThat(sink.await().end()).hasToString("LENGTH_MET");
      assertThat(sink.await().text()).isEqualTo(body);
      assertThat(fixture.get(remote, "x").text()).hasSize(body.length());
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void closedUpstream_isReadToItsEnd() throws Exception {
    String body = "0123456789abcdef".repeat(50_000);
    try (ScriptedOrigin origin =
        secured(
            leaf().buildIssuedBy(authority),
            ScriptedOrigin.answeringOnce("HTTP/1.1 200 OK\r\n\r\n" + body))) {
      var remote = trusting("ca.pem").at("https://127.0.0.1:" + origin.port());
      RecordingSink sink = fixture.start(remote, "x", RecordingSink.patient());
      sink.awaitHead();
      Waiting.stays(() -> !sink.isDone());
      while (!sink.isDone()) {
        long reads = sink.reads();
        sink.read();
        Waiting.until(() -> sink.isDone() || sink.reads() > reads);
      }
      assertThat(sink.await().end()).hasToString("CLOSED");
      assertThat(sink.await().text()).isEqualTo(body);
    }
  }

  @Test
  void httpsRedirectsToHttp_onlyIfAllowed() throws Exception {
    try (ScriptedOrigin plain = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO));
        ScriptedOrigin origin =
            secured(
                leaf().buildIssuedBy(authority),
                ScriptedOrigin.answering(
                    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
                        + plain.url()
                        + "/x\r\n\r\n"))) {
      OriginFixture.Remote remote = trusting("ca.pem");
      remote.username = "user";
      remote.privateRedirects = true;
      String url = "https://127.0.0.1:" + origin.port();
      assertThat(fixture.get(remote.at(url), "x").summary()).isEqualTo("REDIRECT_REFUSED");
      assertThat(plain.connections()).isZero();

      remote.insecureRedirects = true;
      assertThat(fixture.get(remote.at(url), "x").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(plain.heads().getFirst()).doesNotContain("Authorization");
    }
  }

  /** A proxy that knows one place only: whatever is asked for, it connects to that. */
  private static ScriptedOrigin.Script tunnelTo(ScriptedOrigin origin) {
    return peer -> {
      peer.readHead();
      try (Socket onward = new Socket(InetAddress.ofLiteral("127.0.0.1"), origin.port())) {
        peer.send("HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n");
        Thread back = Thread.ofVirtual().start(() -> copy(onward, peer));
        OutputStream out = onward.getOutputStream();
        peer.copyTo(out);
        onward.shutdownOutput();
        back.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static void copy(Socket from, ScriptedOrigin.Peer to) {
    try {
      InputStream in = from.getInputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        to.send(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
      to.finish();
    } catch (IOException e) {
      // One of the two went away, and so the tunnel ends.
      return;
    }
  }

  @Test
  void secureUpstream_isReached_throughATunnel() throws Exception {
    try (ScriptedOrigin origin =
            secured(leaf().buildIssuedBy(authority), ScriptedOrigin.answering(HELLO));
        ScriptedOrigin proxy = ScriptedOrigin.of(tunnelTo(origin));
        OriginFixture behind =
            OriginFixture.with(
                OriginFixture.proxies(
                    Map.of(
                        "HTTPS_PROXY", "http://puser:" + SECRET + "@127.0.0.1:" + proxy.port())))) {
      OriginFixture.Remote remote = trusting("ca.pem");
      remote.username = "user";
      var settings = remote.at("https://o.test:8443");
      for (int i = 0; i < 3; i++) {
        assertThat(behind.get(settings, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(proxy.heads().getFirst())
          .startsWith("CONNECT o.test:8443 HTTP/1.1\r\n")
          .containsIgnoringCase("proxy-authorization: " + Upstream.basic("puser", SECRET));
      assertThat(origin.heads().getFirst())
          .startsWith("GET /x HTTP/1.1\r\nHost: o.test:8443\r\n")
          .contains("\r\nAuthorization: ")
          .doesNotContain("Proxy-Authorization");
      assertThat(names).containsExactly("o.test");
    }
  }

  @Test
  void proxyThatRefuses_isAFaultOfTheTunnel() throws Exception {
    for (String answer :
        List.of(
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            "SSH-2.0\r\n",
            "")) {
      try (ScriptedOrigin proxy = ScriptedOrigin.of(ScriptedOrigin.answeringOnce(answer));
          OriginFixture behind =
              OriginFixture.with(
                  OriginFixture.proxies(
                      Map.of(
                          "HTTPS_PROXY", "http://u:" + SECRET + "@127.0.0.1:" + proxy.port())))) {
        var outcome = behind.get(trusting("ca.pem").at("https://o.test"), "x");
        assertThat(outcome.summary()).isEqualTo("TUNNEL");
        assertThat(outcome.detail()).doesNotContain(SECRET);
      }
    }
  }

  @Test
  void plainUpstream_isAskedInAbsoluteForm_throughAProxy() throws Exception {
    try (ScriptedOrigin proxy =
            ScriptedOrigin.of(
                ScriptedOrigin.answering(
                    HELLO,
                    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://e.test/y\r\n\r\n",
                    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://10.0.0.1/\r\n\r\n"),
                ScriptedOrigin.answering(HELLO));
        OriginFixture behind =
            OriginFixture.with(
                OriginFixture.proxies(
                    Map.of("HTTP_PROXY", "http://u:p@127.0.0.1:" + proxy.port())))) {
      OriginFixture.Remote remote = new OriginFixture.Remote();
      remote.username = "user";
      var settings = remote.at("http://o.test/base");
      assertThat(behind.get(settings, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(proxy.heads().getFirst())
          .startsWith("GET http://o.test/base/x HTTP/1.1\r\nHost: o.test\r\n")
          .contains("\r\nAuthorization: Basic dXNlcjo=\r\n")
          .contains("\r\nProxy-Authorization: Basic dTpw\r\n");

      // The proxy connects, so only what can be told without DNS is refused here.
      assertThat(behind.get(settings, "x").summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(proxy.heads().getLast())
          .startsWith("GET http://e.test/y HTTP/1.1\r\n")
          .doesNotContain("\r\nAuthorization")
          .contains("\r\nProxy-Authorization: ");
      assertThat(behind.get(settings, "x").summary()).isEqualTo("REDIRECT_REFUSED");
    }
  }
}
