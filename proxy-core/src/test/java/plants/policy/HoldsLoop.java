package plants.policy;

import io.netty.util.concurrent.EventExecutor;

/** The fault: a rule that knows an event loop. */
final class HoldsLoop {
  boolean here(EventExecutor loop) {
    return loop.inEventLoop();
  }
}
