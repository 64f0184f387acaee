package dev.millrace.storage;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A plan for when the calls of test doubles fail, shared by all doubles of one process: the calls
 * of all of them are counted together.
 *
 * <p>Threading: thread-safe; the calls run one after the other, so that a crash happens between two
 * calls.
 */
public final class Faults {
  /** How the planned call fails. */
  public enum Mode {
    /** It throws and had no effect; later ones work. */
    ONCE,
    /** It throws although it had its effect; later ones work. */
    ONCE_AFTER,
    /** It and all later ones throw and have no effect. */
    FROM_THEN_ON,
    /** The machine loses power instead of the call: nothing has an effect from then on. */
    CRASH
  }

  /** A call that may fail on its own. */
  public interface Call<T> {
    /** Runs it. */
    T run() throws IOException;
  }

  private final Map<String, Integer> counts = new TreeMap<>();
  private int calls;
  private int failAt;
  private Mode mode = Mode.ONCE;
  private boolean met;
  private String failedCall = "";
  private boolean dead;
  private Runnable onCrash = () -> {};

  /** Plans the fault for the n-th call from now, 1 being the next. */
  public synchronized void plan(int nth, Mode how) {
    calls = 0;
    failAt = nth;
    mode = how;
    met = false;
    failedCall = "";
  }

  /** What a crash does to the device; runs between two calls. */
  public synchronized void onCrash(Runnable action) {
    onCrash = action;
  }

  /** Loses power now. */
  public synchronized void crash() {
    if (!dead) {
      dead = true;
      onCrash.run();
    }
  }

  /** Whether the planned call has come. */
  public synchronized boolean met() {
    return met;
  }

  /** The name of the planned call, once it has come; empty before. */
  public synchronized String failedCall() {
    return failedCall;
  }

  /** Whether power was lost. */
  public synchronized boolean isDead() {
    return dead;
  }

  /** How often a call of that name has come. */
  public synchronized int count(String name) {
    return counts.getOrDefault(name, 0);
  }

  /** Runs the call, or fails as planned. */
  public <T> T run(String name, Call<T> call) throws IOException {
    return run(
        name,
        call,
        lost -> {
          // A plain value.
        });
  }

  /** The same for a call whose result has to be let go when the fault comes after the call. */
  public synchronized <T> T run(String name, Call<T> call, Consumer<T> lose) throws IOException {
    if (dead) {
      throw new IOException(name + ": no power");
    }
    counts.merge(name, 1, Integer::sum);
    calls++;
    boolean due = calls == failAt;
    met |= due;
    failedCall = due ? name : failedCall;
    if (due && mode == Mode.CRASH) {
      crash();
      throw new IOException(name + ": power lost");
    }
    if ((due && mode == Mode.ONCE) || (met && mode == Mode.FROM_THEN_ON)) {
      throw new IOException(name + ": planted fault in call " + calls);
    }
    T result = call.run();
    if (due) {
      lose.accept(result);
      throw new IOException(name + ": planted fault after call " + calls);
    }
    return result;
  }
}
