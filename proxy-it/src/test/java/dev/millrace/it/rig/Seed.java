package dev.millrace.it.rig;

import java.util.Random;
import java.util.SplittableRandom;

/**
 * Where the chance of a test comes from. It is printed, and {@code -Dit.seed} brings a run back.
 *
 * <p>Threading: immutable; every generator it makes is its caller's own.
 */
public record Seed(long value) {
  private static final String PROPERTY = "it.seed";

  /** The seed that was given, else a new one; says what it is for. */
  public static Seed of(String what) {
    String given = System.getProperty(PROPERTY);
    long value = given == null ? new Random().nextLong() : Long.parseLong(given);
    System.out.println(
        "seed of " + what + ": " + value + " (again: -D" + PROPERTY + "=" + value + ")");
    return new Seed(value);
  }

  /** The generator of one of several parts; numbers that lie close together give unlike ones. */
  public Random random(int number) {
    return new Random(new SplittableRandom(value + number).nextLong());
  }
}
