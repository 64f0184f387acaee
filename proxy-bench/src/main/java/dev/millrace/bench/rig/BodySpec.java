package dev.millrace.bench.rig;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A body that the origin can give, as its path says it: {@code /b/<bytes>/<id>} or {@code
 * /b/<bytes>/<options>/<id>}, with options separated by commas.
 *
 * <table>
 * <caption>Options</caption>
 * <tr><td>{@code sha256}</td><td>a {@code Repr-Digest} field, prepared beforehand</td></tr>
 * <tr><td>{@code chunked}</td><td>chunks instead of a length</td></tr>
 * <tr><td>{@code close}</td><td>delimited by the end of the connection</td></tr>
 * <tr><td>{@code rate=N}</td><td>N bytes a second</td></tr>
 * <tr><td>{@code cut=N}</td><td>closed after N bytes of an answer that began at the start</td></tr>
 * <tr><td>{@code every=N}</td><td>closed after N bytes of any answer</td></tr>
 * </table>
 *
 * <p>The path and not the query carries the options, so that every peer keeps the bodies apart.
 *
 * @param path the whole path
 * @param bytes length of the body
 * @param sha256 whether its digest is said
 * @param chunked whether it comes in chunks
 * @param close whether only the end of the connection ends it
 * @param pace how fast it is sent, and how far
 */
record BodySpec(
    String path, long bytes, boolean sha256, boolean chunked, boolean close, Pace pace) {
  /** Bytes at the start of a body that no other body has. */
  static final int PREFIX_BYTES = 64;

  /**
   * How a body is sent.
   *
   * @param bytesPerSecond 0 for as fast as it goes
   * @param cutAfterBytes what is sent before the connection is closed, -1 for all
   * @param cutAgain whether that goes for an answer that begins elsewhere than at the start, too
   */
  record Pace(long bytesPerSecond, long cutAfterBytes, boolean cutAgain) {
    /** Where an answer that begins there is cut, -1 for nowhere. */
    long cutAt(long from) {
      return cutAfterBytes < 0 || (from > 0 && !cutAgain) ? -1 : from + cutAfterBytes;
    }
  }

  /** Reads a path. Errors: unchecked when it names no body. */
  static BodySpec parse(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length < 4 || parts.length > 5 || !parts[1].equals("b")) {
      throw new IllegalArgumentException("not a body: " + path);
    }
    boolean sha256 = false;
    boolean chunked = false;
    boolean close = false;
    long rate = 0;
    long cut = -1;
    boolean again = false;
    String options = parts.length == 5 ? parts[3] : "";
    for (String option : options.split(",", -1)) {
      switch (option) {
        case "" -> {
          // No options at all.
        }
        case "sha256" -> sha256 = true;
        case "chunked" -> chunked = true;
        case "close" -> close = true;
        default -> {
          if (option.startsWith("rate=")) {
            rate = Long.parseLong(option.substring(5));
          } else if (option.startsWith("cut=")) {
            cut = Long.parseLong(option.substring(4));
          } else if (option.startsWith("every=")) {
            cut = Long.parseLong(option.substring(6));
            again = true;
          } else {
            throw new IllegalArgumentException("unknown option: " + option);
          }
        }
      }
    }
    return new BodySpec(
        path, Long.parseLong(parts[2]), sha256, chunked, close, new Pace(rate, cut, again));
  }

  /** The bytes that tell this body from every other. */
  byte[] prefix() {
    byte[] hash = sha256Digest().digest(path.getBytes(StandardCharsets.ISO_8859_1));
    return HexFormat.of().formatHex(hash).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A fresh SHA-256, which every JDK has. */
  static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
