package plants.virtual;

/** The fault: two packages of one floor that import each other. */
public final class Ring {
  /** The other half. */
  public plants.exchange.Ring other() {
    return new plants.exchange.Ring();
  }
}
