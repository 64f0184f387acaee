package dev.millrace.cli;

/** How long a command runs that does not end by itself; tests end it at once. */
public interface Lifetime {
  /** Has this run when the process is told to end. */
  void onEnd(Runnable drain);

  /** Waits until the process is told to end; the exit code, should it return. */
  int await();
}
