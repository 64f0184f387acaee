package plant;

/** The fault is in the dependencies. */
final class Plant {}
