package dev.millrace.origin;

import java.util.ArrayList;
import java.util.List;

/**
 * HTTP/1.1 by a pool of connections that are kept, spread over the loops.
 *
 * <p>Limits: {@link #CONNECTIONS_MAX} connections.
 *
 * <p>Threading: as its interface says.
 */
final class PooledClient implements BodyClient {
  /** The default of {@code max_connections}. */
  static final int CONNECTIONS_MAX = 32;

  private final Wire wire;
  private final List<PooledConnection> connections = new ArrayList<>();

  PooledClient(Wire wire) {
    this.wire = wire;
  }

  @Override
  public void begin(Batch batch) {
    for (int i = 0; i < Math.min(batch.atOnce(), CONNECTIONS_MAX); i++) {
      if (i == connections.size()) {
        connections.add(new PooledConnection(wire));
      }
      connections.get(i).fetch(batch);
    }
  }

  @Override
  public void close() {
    connections.forEach(PooledConnection::close);
  }
}
