package plant;

/** The fault: a link to {@link NoSuchType}. */
final class Plant {}
