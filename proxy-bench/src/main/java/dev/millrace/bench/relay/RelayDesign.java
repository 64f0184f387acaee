package dev.millrace.bench.relay;

import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Path;

/** How a relay handles a body. */
public enum RelayDesign {
  /** Into a file, and from it to the client by {@code sendfile} while more comes; no hash. */
  BARE("bare-relay"),
  /** Whole on the heap, then hashed, then sent: what Millrace replaces. */
  BUFFERING("buffering-relay"),
  /** Through a file and a hash, sent only when it is whole. */
  STORE_THEN_SERVE("store-then-serve-relay");

  private final String label;

  RelayDesign(String label) {
    this.label = label;
  }

  /** As reports call it. */
  public String label() {
    return label;
  }

  /** A body on its way to that client. */
  RelayBody body(Channel client, Path folder) throws IOException {
    return switch (this) {
      case BARE -> new BareBody(client, SpoolFile.create(folder));
      case BUFFERING -> new BufferedBody(client);
      case STORE_THEN_SERVE -> new StoredBody(client, SpoolFile.create(folder));
    };
  }
}
