package dev.millrace.it.rig;

/**
 * What an upstream does wrong with a body. Units: offsets are body bytes sent before it happens.
 */
public sealed interface Fault {

  /** Nothing. */
  record None() implements Fault {}

  /** Closes in order after so many bytes. */
  record CutAfter(long bytes) implements Fault {}

  /** Sends a reset after so many bytes. */
  record Reset(long bytes) implements Fault {}

  /** Sends nothing more after so many bytes and keeps the connection open. */
  record Stall(long bytes) implements Fault {}

  /** Announces a length that is off by {@code delta}, sends the real body and closes. */
  record WrongLength(long delta) implements Fault {}

  /** Sends a chunk size that is none after so many bytes; chunked framing only. */
  record BadChunk(long bytes) implements Fault {}

  /** Sends a whole body, but slowly. */
  record SlowBytes(long bytesPerSecond) implements Fault {}

  /** Offset at which the body stops, or -1 when all of it is sent. */
  default long stopsAtBytes() {
    return switch (this) {
      case CutAfter(long bytes) -> bytes;
      case Reset(long bytes) -> bytes;
      case Stall(long bytes) -> bytes;
      case BadChunk(long bytes) -> bytes;
      case None _, WrongLength _, SlowBytes _ -> -1;
    };
  }
}
