package dev.millrace.config;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks of addresses (RFC 4632, RFC 4291 §2.3).
 *
 * @param blocks each of them
 */
public record Networks(List<Block> blocks) {
  /** None. */
  public static final Networks NONE = new Networks(List.of());

  /** Copies the list. */
  public Networks {
    blocks = List.copyOf(blocks);
  }

  /**
   * One block.
   *
   * @param address its first address, or any other of it
   * @param bits how many of its leading bits count
   */
  public record Block(InetAddress address, int bits) {
    boolean contains(byte[] other) {
      byte[] own = address.getAddress();
      if (own.length != other.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit & 7);
        if ((own[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Reads {@code 10.0.0.0/8, ::1}. */
  static Networks parse(String text) throws BadValueException {
    List<Block> found = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        found.add(block(part.strip()));
      }
    }
    return new Networks(found);
  }

  private static Block block(String text) throws BadValueException {
    int slash = text.indexOf('/');
    String bits = slash < 0 ? "" : text.substring(slash + 1);
    try {
      InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int all = 8 * address.getAddress().length;
      int counted = slash < 0 ? all : Integer.parseInt(bits);
      if (counted >= 0 && counted <= all) {
        return new Block(address, counted);
      }
    } catch (IllegalArgumentException e) {
      throw new BadValueException(
          "\"" + text + "\" is not an address or a block such as 10.0.0.0/8");
    }
    throw new BadValueException("\"" + text + "\" has a wrong number of bits");
  }

  /** Whether a literal address is in one of them; false of what is none. */
  public boolean contains(String literal) {
    if (blocks.isEmpty()) {
      return false;
    }
    byte[] address;
    try {
      address = InetAddress.ofLiteral(literal).getAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
    return blocks.stream().anyMatch(block -> block.contains(address));
  }
}
