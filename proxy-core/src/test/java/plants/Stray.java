package plants;

/** The fault: the root holds Main and nothing else. */
final class Stray {}
