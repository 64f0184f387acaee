package plants;

import plants.server.Door;

/** No fault: the composition root reads the clock and knows every floor. */
public final class Main {
  private Main() {}

  /** Puts the parts together. */
  public static Door open() {
    return new Door(System.nanoTime());
  }
}
