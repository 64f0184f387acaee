package dev.millrace.it;

import dev.millrace.it.rig.Rig;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** TLS by the JDK, as where BoringSSL does not load. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JdkTlsTrapsTest implements AnyTls {
  @RegisterExtension
  final Rig rig =
      AnyTls.product()
          .jvm("-Xmx256m", "-XX:MaxDirectMemorySize=256m", "-Dio.netty.handler.ssl.noOpenSsl=true");

  @Override
  public Rig rig() {
    return rig;
  }
}
