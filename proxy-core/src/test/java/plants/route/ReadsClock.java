package plants.route;

import java.util.function.LongSupplier;

/** The fault: the clock, taken by reference. */
final class ReadsClock {
  LongSupplier nanos() {
    return System::nanoTime;
  }
}
