package dev.millrace.it;

import dev.millrace.it.rig.Rig;
import io.netty.channel.uring.IoUring;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The transport behind a switch. Where the machine does not let it load, that is said on standard
 * output, and what runs here is epoll once more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IoUringTransportTest implements AnyTransport {
  private static final boolean LOADS = IoUring.isAvailable();

  @RegisterExtension final Rig rig = Rig.with().settings("transport: " + name());

  @Override
  public Rig rig() {
    return rig;
  }

  @Override
  public String name() {
    if (!LOADS) {
      System.out.println("NOT RUN: io_uring does not load here: " + IoUring.unavailabilityCause());
    }
    return LOADS ? "io_uring" : "epoll";
  }
}
