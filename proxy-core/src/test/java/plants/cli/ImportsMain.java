package plants.cli;

import plants.Main;

/** The fault: a command that knows the composition root. */
final class ImportsMain {
  long opened() {
    return Main.open().openedNanos();
  }
}
