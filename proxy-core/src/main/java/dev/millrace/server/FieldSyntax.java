package dev.millrace.server;

/** Which characters may stand in a field (RFC 9110 §5). Threading: stateless. */
final class FieldSyntax {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private FieldSyntax() {}

  /** Whether it may stand in a name. */
  static boolean isToken(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_MARKS.indexOf(c) >= 0;
  }

  /** Whether it may stand in a value: a tab, or anything visible, bytes above ASCII included. */
  static boolean isValue(int c) {
    return c == '\t' || (c >= 0x20 && c != 0x7f && c <= 0xff);
  }

  /** Whether it may stand in a method: we know none with others. */
  static boolean isMethod(int c) {
    return c >= 'A' && c <= 'Z';
  }

  /** Visible ASCII but the fragment's mark, which is no part of a request target. */
  static boolean isTarget(int c) {
    return c > 0x20 && c < 0x7f && c != '#';
  }
}
