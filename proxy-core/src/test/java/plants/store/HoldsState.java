package plants.store;

/** The fault: state in a static. */
final class HoldsState {
  private static int count;

  private HoldsState() {}

  static int next() {
    return ++count;
  }
}
