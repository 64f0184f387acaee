package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.ServerCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients by TLS get what clients in clear get, and nothing that only looks so (TL03, SL11). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsTest {
  private static final Body BODY = Body.random(20 << 20, 97);

  @RegisterExtension final Rig rig = Rig.with("idle_timeout: 1").limits("resume_wait: 200ms").tls();

  @Test
  void missHitRangeAndHead_onOneConnection_areTheBytesOfTheUpstream() {
    String path = rig.path("tls.bin");
    rig.origin().at(path, Content.of(BODY).etag("\"a\""));

    try (RawClient client = rig.secured()) {
      Download miss = Download.get(client, Rig.target(path), BODY);
      assertThat(miss.wholeAndRight(BODY.lengthBytes())).as(miss.toString()).isTrue();
      rig.awaitStored(path);
      Download hit = Download.get(client, Rig.target(path), BODY);
      assertThat(hit.wholeAndRight(BODY.lengthBytes())).isTrue();
      assertThat(hit.head().source()).isEqualTo("cache");
      Answer part = client.get(Rig.target(path), "Range: bytes=5000000-5000099");
      assertThat(part.body()).isEqualTo(BODY.slice(5_000_000, 100));
      assertThat(client.request("HEAD", Rig.target(path)).read("HEAD").status()).isEqualTo(200);
      assertThat(client.get(Rig.target(path), "If-None-Match: \"a\"").status()).isEqualTo(304);
    }
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void manyReaders_someInClear_shareOneFetch() {
    String path = rig.path("shared.bin");
    rig.origin().at(path, Content.of(BODY));

    List<Download> got =
        Background.all(
            16,
            number ->
                () -> {
                  try (RawClient client = number % 2 == 0 ? rig.secured() : rig.client()) {
                    return Download.get(client, Rig.target(path), BODY);
                  }
                });

    assertThat(got).allMatch(each -> each.wholeAndRight(BODY.lengthBytes()));
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void smallBody_isAnsweredOverAndOver() {
    String path = rig.path("small.bin");
    rig.origin().at(path, Content.of("small"));
    try (RawClient client = rig.secured()) {
      for (int i = 0; i < 200; i++) {
        assertThat(client.get(Rig.target(path)).text()).isEqualTo("small");
      }
    }
  }

  /** A close_notify would say that the end was meant (RFC 9112 §9.8). */
  @Test
  void brokenBody_isCutWithoutACloseNotify() {
    for (Framing framing : List.of(Framing.LENGTH, Framing.CHUNKED)) {
      String path = rig.path("broken.bin");
      rig.origin().at(path, Content.of(BODY).framed(framing).broken(new Fault.CutAfter(3 << 20)));
      try (RawClient client = rig.secured()) {
        client.send("GET " + Rig.target(path) + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        Head head = client.head();
        Download got = Download.finish(client, head, BODY);
        assertThat(got.end()).as(framing + ": " + got).isNotEqualTo(End.WHOLE);
      }
    }
  }

  private Run openssl(String protocol, String ciphers) {
    String command =
        "openssl s_client -connect 127.0.0.1:%d %s -cipher %s:@SECLEVEL=0 </dev/null"
            .formatted(rig.millrace().tlsPort(), protocol, ciphers);
    return Run.program(List.of("sh", "-c", command), null, Map.of(), Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1", "-tls1_1"})
  void oldProtocols_areRefused(String protocol) {
    Run asked = openssl(protocol, "ALL");

    assertThat(asked.output()).contains("CONNECTED").contains("alert protocol version");
    assertThat(asked.exitCode()).isNotZero();
  }

  @Test
  void tls12_isSpoken() {
    Run asked = openssl("-tls1_2", "ALL");

    assertThat(asked.output()).contains("Protocol  : TLSv1.2");
    assertThat(asked.exitCode()).isZero();
  }

  @Test
  void ciphersWithoutEncryption_areRefused() {
    Run asked = openssl("-tls1_2", "NULL");

    assertThat(asked.exitCode()).isNotZero();
  }

  @Test
  void bytesInClear_getNoAnswer_andOthersAreServed() {
    String path = rig.path("clear.bin");
    rig.origin().at(path, Content.of("clear"));

    try (RawClient client = RawClient.connect(rig.millrace().tlsPort())) {
      client.send("GET " + Rig.target(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.headOrNull()).isNull();
    }
    try (RawClient client = rig.secured()) {
      assertThat(client.get(Rig.target(path)).text()).isEqualTo("clear");
    }
  }

  /** SL11: a record that announces more than there may be costs nothing. */
  @Test
  void announcedLengths_areNotBelieved() throws IOException {
    double before = rig.millrace().metrics().sum("millrace_netty_direct_bytes");
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.millrace().tlsPort())) {
        socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0x40, 0, 1, (byte) 0xff, 0, 0});
      }
    }
    rig.await("they are gone", () -> rig.millrace().metrics().sum("millrace_connections") <= 1);
    assertThat(rig.millrace().metrics().sum("millrace_netty_direct_bytes") - before)
        .isLessThan(8 << 20);
  }

  @Test
  void pkcs12_isReadToo() {
    Launch launch =
        Launch.of(
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                rig.folder().root().resolve("other").toString(),
                "--remote",
                "gen=generic:" + rig.origin().url())
            .environment(
                Map.of(
                    "MILLRACE_TLS_LISTEN",
                    "127.0.0.1:0",
                    "MILLRACE_TLS_CERTIFICATE",
                    rig.certificate().file("store.p12").toString(),
                    "MILLRACE_TLS_PASSWORD",
                    ServerCertificate.PASSWORD));
    try (var other = Millrace.start(launch);
        RawClient client = RawClient.secured(other.tlsPort(), rig.certificate().trust())) {
      assertThat(client.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void curl_isServed() {
    String path = rig.path("curl.bin");
    rig.origin().at(path, Content.of(BODY));
    Run curl =
        Run.program(
            List.of(
                "curl",
                "-sS",
                "--cacert",
                rig.certificate().file("ca.pem").toString(),
                "-o",
                rig.folder().root().resolve("curl.out").toString(),
                "-w",
                "%{http_code} %{size_download}",
                "https://127.0.0.1:" + rig.millrace().tlsPort() + Rig.target(path)),
            null,
            Map.of(),
            Duration.ofSeconds(30));

    assertThat(curl.output()).isEqualTo("200 " + BODY.lengthBytes());
  }
}
