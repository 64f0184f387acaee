package dev.millrace.it.rig;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/**
 * A body of any length that is computed where it is needed, by the upstream that sends it and by
 * the client that checks it.
 *
 * <p>One random block of 1 MiB repeats; the page number is mixed into the first eight bytes of each
 * page, so that a page at the wrong offset never looks right.
 *
 * <p>Units: offsets and lengths are bytes from the start of the body.
 *
 * <p>Threading: immutable.
 */
public final class Body {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;
  private static final int MARK_BYTES = 8;

  private final byte[] block;
  private final long lengthBytes;
  private final boolean literal;

  private Body(byte[] block, long lengthBytes, boolean literal) {
    this.block = block;
    this.lengthBytes = lengthBytes;
    this.literal = literal;
  }

  /** A pseudo-random body; equal seeds and lengths give equal bytes. */
  public static Body random(long lengthBytes, long seed) {
    byte[] block = new byte[(int) Math.min(BLOCK_BYTES, lengthBytes)];
    new Random(seed).nextBytes(block);
    return new Body(block, lengthBytes, false);
  }

  /** A body of exactly these characters. */
  public static Body text(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A body of exactly these bytes. */
  public static Body of(byte[] bytes) {
    return new Body(bytes.clone(), bytes.length, true);
  }

  /** The length of the whole body. */
  public long lengthBytes() {
    return lengthBytes;
  }

  /** Writes {@code length} bytes from {@code offset} on to the start of {@code into}. */
  public void copy(long offset, byte[] into, int length) {
    if (literal) {
      System.arraycopy(block, Math.toIntExact(offset), into, 0, length);
      return;
    }
    int done = 0;
    while (done < length) {
      int inBlock = (int) ((offset + done) % BLOCK_BYTES);
      int step = Math.min(length - done, BLOCK_BYTES - inBlock);
      System.arraycopy(block, inBlock, into, done, step);
      done += step;
    }
    mark(offset, into, length);
  }

  private static void mark(long offset, byte[] into, int length) {
    long end = offset + length;
    for (long page = offset / PAGE_BYTES; page * PAGE_BYTES < end; page++) {
      for (int i = 0; i < MARK_BYTES; i++) {
        long at = page * PAGE_BYTES + i - offset;
        if (at >= 0 && at < length) {
          into[(int) at] ^= (byte) (page >>> (8 * i));
        }
      }
    }
  }

  /** The bytes of a part, for parts that fit into memory. */
  public byte[] slice(long offset, int length) {
    byte[] part = new byte[length];
    copy(offset, part, length);
    return part;
  }

  /** All bytes, for bodies that fit into memory. */
  public byte[] bytes() {
    return slice(0, Math.toIntExact(lengthBytes));
  }

  /** The SHA-256 of the whole body in lower-case hex. */
  public String sha256() {
    MessageDigest digest = sha256Digest();
    byte[] buffer = new byte[BLOCK_BYTES];
    for (long at = 0; at < lengthBytes; ) {
      int step = (int) Math.min(buffer.length, lengthBytes - at);
      copy(at, buffer, step);
      digest.update(buffer, 0, step);
      at += step;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A check of bytes that arrive in order from {@code offset} on. */
  public Check checkFrom(long offset) {
    return new Check(this, offset);
  }

  static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Compares what arrives with what should have; a {@link Sink} for one reader.
   *
   * <p>Threading: confined to its reader.
   */
  public static final class Check implements Sink {
    private final Body body;
    private final long startBytes;
    private byte[] expected = new byte[0];
    private long positionBytes;
    private long wrongAtBytes = -1;

    private Check(Body body, long offset) {
      this.body = body;
      this.startBytes = offset;
      this.positionBytes = offset;
    }

    @Override
    public boolean accept(byte[] bytes, int length) {
      if (wrongAtBytes >= 0) {
        return false;
      }
      int known = (int) Math.min(length, body.lengthBytes() - positionBytes);
      if (expected.length < length) {
        expected = new byte[length];
      }
      body.copy(positionBytes, expected, known);
      int differs = Arrays.mismatch(expected, 0, known, bytes, 0, length);
      if (differs >= 0) {
        wrongAtBytes = positionBytes + differs;
        return false;
      }
      positionBytes += length;
      return true;
    }

    /** Bytes received and found right. */
    public long rightBytes() {
      return positionBytes - startBytes;
    }

    /** Offset of the first wrong byte, or -1. */
    public long wrongAtBytes() {
      return wrongAtBytes;
    }

    /** Whether everything up to the end of the body has come and was right. */
    public boolean reachedEnd() {
      return wrongAtBytes < 0 && positionBytes == body.lengthBytes();
    }
  }
}
