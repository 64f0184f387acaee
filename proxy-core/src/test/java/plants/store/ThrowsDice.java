package plants.store;

import java.util.UUID;

/** The fault: chance that a test cannot choose. */
final class ThrowsDice {
  UUID name() {
    return UUID.randomUUID();
  }
}
