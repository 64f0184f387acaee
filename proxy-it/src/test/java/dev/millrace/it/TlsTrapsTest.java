package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Rig;
import io.netty.handler.ssl.OpenSsl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** TLS by BoringSSL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsTrapsTest implements AnyTls {
  @RegisterExtension final Rig rig = AnyTls.product();

  @Override
  public Rig rig() {
    return rig;
  }

  @Test
  void boringSsl_loadsHere() {
    assertThat(OpenSsl.isAvailable()).isTrue();
  }
}
