package dev.millrace.serve;

import dev.millrace.observe.FetchFailure;

/** Hears how a body ended. Threading: called once, on the client's event loop. */
public interface BodyListener {
  /** All of it was sent; the response may end. */
  void complete();

  /** Its source broke; the response must be aborted. */
  void broken(FetchFailure reason);
}
