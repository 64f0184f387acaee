package plants.drawer;

/** The fault: a package without a floor. */
final class Stray {}
