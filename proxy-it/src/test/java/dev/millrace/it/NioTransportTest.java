package dev.millrace.it;

import dev.millrace.it.rig.Rig;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The transport that loads everywhere. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NioTransportTest implements AnyTransport {
  @RegisterExtension final Rig rig = Rig.with().settings("transport: nio");

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public String name() {
    return "nio";
  }
}
