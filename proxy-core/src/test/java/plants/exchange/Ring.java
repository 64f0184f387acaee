package plants.exchange;

/** The fault: two packages of one floor that import each other. */
public final class Ring {
  /** The other half. */
  public plants.virtual.Ring other() {
    return new plants.virtual.Ring();
  }
}
