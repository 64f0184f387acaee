package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What TLS does after a time, which its cases wait for side by side: limits and renewals. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
final class TlsTimesTest {
  @RegisterExtension final Rig rig = Rig.with().tls();

  private SSLSocket socket() throws IOException {
    return (SSLSocket)
        rig.certificate()
            .trust()
            .getSocketFactory()
            .createSocket("127.0.0.1", rig.millrace().tlsPort());
  }

  /**
   * A client that connects and says nothing holds its place no longer than a handshake may take.
   */
  @Test
  void silentClient_isClosedAtTheHandshakeLimit() {
    try (RawClient client = RawClient.connect(rig.millrace().tlsPort())) {
      client.patience(Duration.ofSeconds(20));
      Duration waited =
          Await.time(() -> assertThat(client.awaitClose()).isNotEqualTo(End.TIMED_OUT));
      assertThat(waited).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(15));
    }
  }

  @Test
  void newCertificate_isShownWithoutARestart_andRubbishIsNot() throws Exception {
    try (RawClient kept = rig.secured()) {
      assertThat(kept.get("/health").status()).isEqualTo(200);
      rig.certificate().issue("CN=second");
      rig.await("the new one", () -> subject().equals("CN=second"));
      assertThat(kept.get("/health").status()).as("a connection that stands").isEqualTo(200);
    }
    rig.certificate().spoil();
    rig.await("it is said", () -> rig.millrace().said("the certificate stays as it is"));
    assertThat(subject()).isEqualTo("CN=second");
    rig.certificate().issue("CN=third");
    rig.await("the next one", () -> subject().equals("CN=third"));
  }

  private String subject() {
    try (SSLSocket socket = socket()) {
      socket.startHandshake();
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    } catch (SSLException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
