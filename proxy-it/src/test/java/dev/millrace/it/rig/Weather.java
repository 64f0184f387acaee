package dev.millrace.it.rig;

import java.util.Random;

/**
 * What a {@link FaultProxy} does to one connection, on the way from the server to the client.
 * Units: offsets count bytes of the connection, response heads included.
 *
 * @param latencyMillis each piece comes so much later
 * @param bytesPerSecond most that passes, 0 for no bound
 * @param untilByte what passes before {@code end} happens, -1 for all
 * @param end what happens then
 * @param corruptAt offset of a byte of which one bit is turned, -1 for none
 */
public record Weather(
    long latencyMillis, long bytesPerSecond, long untilByte, End end, long corruptAt) {

  /** Everything passes. */
  public static final Weather CLEAR = new Weather(0, 0, -1, End.CLOSE, -1);

  /** The connection is accepted and nothing ever comes. */
  public static final Weather MUTE = CLEAR.until(0, End.SILENCE);

  /** How a connection breaks. */
  public enum End {
    /** Both sides are closed in order. */
    CLOSE,
    /** The client gets a reset. */
    RESET,
    /** The client sees the end, and may go on sending. */
    HALF_CLOSE,
    /** Nothing passes any more, and nothing says so. */
    SILENCE
  }

  /** Any: one in three passes everything, the others break within 4 MiB. */
  public static Weather random(Random chance) {
    Weather weather = CLEAR;
    if (chance.nextInt(4) == 0) {
      weather = weather.latency(chance.nextInt(3));
    }
    End[] ends = End.values();
    return chance.nextInt(3) == 0
        ? weather
        : weather.until(
            chance.nextInt(1 << chance.nextInt(1, 22)), ends[chance.nextInt(ends.length)]);
  }

  /** The same with a delay. */
  public Weather latency(long millis) {
    return new Weather(millis, bytesPerSecond, untilByte, end, corruptAt);
  }

  /** The same with a bound on its rate. */
  public Weather rate(long perSecond) {
    return new Weather(latencyMillis, perSecond, untilByte, end, corruptAt);
  }

  /** The same, breaking after so many bytes. */
  public Weather until(long bytes, End how) {
    return new Weather(latencyMillis, bytesPerSecond, bytes, how, corruptAt);
  }

  /** The same with one bit turned. */
  public Weather corrupt(long offset) {
    return new Weather(latencyMillis, bytesPerSecond, untilByte, end, offset);
  }
}
