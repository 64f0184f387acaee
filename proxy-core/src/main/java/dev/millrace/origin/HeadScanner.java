package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.observe.FetchFailure;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Walks the raw bytes of a response head and refuses what Netty's decoder forgives or hides: a line
 * without CR, a CR without LF, folded lines, white space before the colon, control bytes anywhere,
 * a status that is not three digits, a version other than 1.0 and 1.1 (RFC 9112 §2.2, §4, §5).
 *
 * <p>It sees each byte once, however the head is cut into reads, and stops at the last byte of the
 * head or at the first defect. What is not HTTP at all is refused at its first wrong byte, not at a
 * timeout.
 *
 * <p>Limits: {@code Limits.ORIGIN_HEAD_BYTES} and {@code Limits.ORIGIN_FIELDS_MAX}.
 *
 * <p>Threading: confined to one event loop.
 */
final class HeadScanner implements ByteProcessor {
  private static final String VERSION = "HTTP/1.";
  private static final int MINOR_AT = VERSION.length();
  private static final int STATUS_AT = MINOR_AT + 2;
  private static final int STATUS_END = STATUS_AT + 3;
  private static final String LENGTH = "content-length";
  private static final String CODING = "transfer-encoding";

  private enum Part {
    STATUS_LINE,
    REASON,
    LINE_START,
    NAME,
    VALUE,
    LINE_END,
    HEAD_END
  }

  private Part part = Part.STATUS_LINE;
  private int bytes;
  private int fields;
  private int lineAt;
  private int minor;
  private int status;
  private int lengths;
  private int codings;
  private boolean maybeLength;
  private boolean maybeCoding;
  private boolean whole;
  private @Nullable FetchFailure failure;
  private String detail = "";

  /** Forgets everything, for the next head. */
  void reset() {
    part = Part.STATUS_LINE;
    bytes = 0;
    fields = 0;
    lineAt = 0;
    minor = 0;
    status = 0;
    lengths = 0;
    codings = 0;
    whole = false;
    failure = null;
    detail = "";
  }

  /** Whether the head's last byte has been seen. */
  boolean isWhole() {
    return whole;
  }

  /** Why the head is refused, or null. */
  @Nullable FetchFailure failure() {
    return failure;
  }

  /** One phrase about the defect. */
  String detail() {
    return detail;
  }

  /** Second digit of the version: 0 or 1. */
  int minor() {
    return minor;
  }

  /** Status code, 100 to 599. */
  int status() {
    return status;
  }

  /** Number of {@code Content-Length} fields. */
  int lengths() {
    return lengths;
  }

  /** Number of {@code Transfer-Encoding} fields. */
  int codings() {
    return codings;
  }

  @Override
  public boolean process(byte value) {
    if (++bytes > Limits.ORIGIN_HEAD_BYTES) {
      return refuse(FetchFailure.HEAD_TOO_LARGE, "the head is larger than allowed");
    }
    return switch (part) {
      case STATUS_LINE -> statusLine(value);
      case REASON, VALUE -> text(value);
      case LINE_START -> lineStart(value);
      case NAME -> name(value);
      case LINE_END -> value == '\n' ? next(Part.LINE_START) : bad("a CR without LF");
      case HEAD_END -> {
        whole = value == '\n';
        yield !whole && bad("a CR without LF");
      }
    };
  }

  private boolean statusLine(byte value) {
    int at = lineAt++;
    if (at < MINOR_AT) {
      return value == VERSION.charAt(at) || bad("it does not begin with HTTP/1.");
    }
    if (at == MINOR_AT) {
      minor = value - '0';
      return minor == 0 || minor == 1 || bad("an HTTP version other than 1.0 and 1.1");
    }
    if (at < STATUS_AT) {
      return value == ' ' || bad("no space behind the version");
    }
    if (at < STATUS_END) {
      int digit = value - '0';
      status = status * 10 + digit;
      boolean first = at == STATUS_AT;
      boolean valid = digit >= (first ? 1 : 0) && digit <= (first ? 5 : 9);
      return valid || bad("a status outside 100 to 599");
    }
    if (value == ' ') {
      return next(Part.REASON);
    }
    // Servers leave out the space in front of an empty reason; that is not ambiguous.
    return value == '\r' ? next(Part.LINE_END) : bad("a status that is not three digits");
  }

  private boolean lineStart(byte value) {
    if (value == '\r') {
      return next(Part.HEAD_END);
    }
    if (value == ' ' || value == '\t') {
      return bad("a folded line");
    }
    if (++fields > Limits.ORIGIN_FIELDS_MAX) {
      return refuse(FetchFailure.HEAD_TOO_LARGE, "more fields than allowed");
    }
    lineAt = 0;
    maybeLength = true;
    maybeCoding = true;
    part = Part.NAME;
    return value == ':' ? bad("a field without a name") : name(value);
  }

  private boolean name(byte value) {
    if (value == ':') {
      lengths += maybeLength && lineAt == LENGTH.length() ? 1 : 0;
      codings += maybeCoding && lineAt == CODING.length() ? 1 : 0;
      return next(Part.VALUE);
    }
    if (!isTokenByte(value)) {
      return bad("a field line without a colon, or a byte that no field name has");
    }
    // The bit that makes an ASCII letter small leaves a hyphen as it is.
    int small = value | 0x20;
    maybeLength &= lineAt < LENGTH.length() && small == LENGTH.charAt(lineAt);
    maybeCoding &= lineAt < CODING.length() && small == CODING.charAt(lineAt);
    lineAt++;
    return true;
  }

  private boolean text(byte value) {
    if (value == '\r') {
      return next(Part.LINE_END);
    }
    boolean control = (value >= 0 && value < ' ' && value != '\t') || value == 0x7f;
    if (control) {
      return bad(value == '\n' ? "a line without CR" : "a control byte");
    }
    return true;
  }

  private boolean next(Part next) {
    part = next;
    return true;
  }

  private boolean bad(String why) {
    return refuse(FetchFailure.BAD_MESSAGE, why);
  }

  private boolean refuse(FetchFailure reason, String why) {
    failure = reason;
    detail = why;
    return false;
  }

  /** RFC 9110 §5.6.2. */
  private static boolean isTokenByte(byte value) {
    return (value >= 'a' && value <= 'z')
        || (value >= 'A' && value <= 'Z')
        || (value >= '0' && value <= '9')
        || (value > 0 && "!#$%&'*+-.^_`|~".indexOf(value) >= 0);
  }
}
