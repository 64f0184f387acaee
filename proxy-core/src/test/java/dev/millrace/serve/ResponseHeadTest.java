package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A field's value cannot bring more than itself. */
final class ResponseHeadTest {

  @Test
  void fields_keepTheirOrderAndTheirBytes() {
    ResponseHead head =
        new ResponseHead(200)
            .field("ETag", "\"a\"")
            .field("X", null)
            .field("X", "a\tb")
            .field("X", "\u00e9\u0080\u00ff")
            .field("Empty", "");

    assertThat(head.status()).isEqualTo(200);
    assertThat(
            IntStream.range(0, head.fieldCount()).mapToObj(i -> head.name(i) + "=" + head.value(i)))
        .containsExactly("ETag=\"a\"", "X=a\tb", "X=\u00e9\u0080\u00ff", "Empty=");
  }

  static IntStream controls() {
    return IntStream.concat(
        IntStream.range(0, 0x20).filter(c -> c != '\t'),
        IntStream.of(0x7f, 0x100, 0x10a, 0x10d, 0x20ac, 0x560a, 0xff1a, 0xd800));
  }

  /** U28. */
  @ParameterizedTest
  @MethodSource("controls")
  void valueWithAControl_orABroaderLetter_addsNoField(int c) {
    for (String value : new String[] {"a%cb", "%ca", "a%c"}) {
      ResponseHead head = new ResponseHead(200).field("X", String.format(value, (char) c));
      assertThat(head.fieldCount()).isZero();
    }
  }

  @Test
  void valueThatSplitsTheResponse_addsNoField() {
    ResponseHead head =
        new ResponseHead(200)
            .field("Content-Type", "text/html\r\nSet-Cookie: a=b")
            .field("Content-Type", "text/html\r\n\r\nHTTP/1.1 200 OK")
            .field("Content-Type", "text/html\n x")
            .field("Content-Type", "text/plain");

    assertThat(head.fieldCount()).isOne();
    assertThat(head.value(0)).isEqualTo("text/plain");
  }

  @Test
  void length_isNoneUntilDeclared() {
    ResponseHead head = new ResponseHead(200);

    assertThat(head.length()).isEqualTo(new ResponseHead.Length.None());
    assertThat(head.length(5).length()).isEqualTo(new ResponseHead.Length.Known(5));
    assertThat(head.length(new ResponseHead.Length.Uncertain()).length())
        .isEqualTo(new ResponseHead.Length.Uncertain());
  }
}
