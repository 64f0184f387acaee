package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.config.ServerLimits;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Whatever fields come by HTTP/2, what is read as a request could have come by HTTP/1.1 and would
 * be read alike there; and what HTTP/1.1 can say is refused by both or by none.
 *
 * <p>The bytes of a case: {@code E} if the fields end the request, anything else if not; then the
 * fields, each as name, 0xFE, value, 0xFF.
 */
final class Http2HeadFuzzTest {
  /** Wide where the versions count differently: bytes and number of all fields. */
  private static final ServerLimits LIMITS =
      new ServerLimits(
          10,
          10,
          100,
          1 << 20,
          1 << 16,
          Wire.LIMITS.headerReadTimeout(),
          Wire.LIMITS.keepAliveTimeout(),
          Wire.LIMITS.clientWriteTimeout(),
          1024,
          1024,
          Wire.LIMITS.poolWait(),
          Wire.LIMITS.resumeWait(),
          Long.MAX_VALUE,
          32 << 20);

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+";

  /** Read by the rules of HTTP/2 alone. */
  private static final Set<String> OF_ONE_VERSION =
      Set.of("connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "te");

  private record Field(String name, String value) {}

  @FuzzTest
  void fields_areReadAsByHttp1(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    boolean ends = text.startsWith("E");
    List<Field> fields = fields(text.isEmpty() ? "" : text.substring(1));

    DecodedHead read = Http2Head.read(headers(fields), ends, LIMITS);

    if (read instanceof DecodedHead.Request request) {
      assertSound(request, ends);
    }
    if (canBeSaidByHttp1(fields)) {
      List<DecodedHead> byHttp1 = Wire.decode(LIMITS, List.of(Wire.bytes(asHttp1(fields))));
      assertThat(byHttp1).hasSize(1);
      assertSameVerdict(read, byHttp1.getFirst(), ends);
    }
  }

  private static List<Field> fields(String text) {
    List<Field> fields = new ArrayList<>();
    for (String field : text.split("\u00ff", -1)) {
      int middle = field.indexOf('\u00fe');
      if (middle >= 0) {
        fields.add(new Field(field.substring(0, middle), field.substring(middle + 1)));
      }
    }
    return fields;
  }

  private static Http2Headers headers(List<Field> fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (Field field : fields) {
      headers.add(bytes(field.name()), bytes(field.value()));
    }
    return headers;
  }

  private static AsciiString bytes(String text) {
    return new AsciiString(Wire.bytes(text), false);
  }

  private static void assertSound(DecodedHead.Request request, boolean ends) {
    assertThat(request.method()).matches("[A-Z]{1,32}");
    assertThat(request.target()).matches("/[\\x21-\\x7e&&[^#]]{0,99}");
    HttpHeaders headers = request.headers();
    assertThat(headers.getAll("host")).hasSize(1);
    assertThat(headers.getAll("content-length")).hasSizeLessThanOrEqualTo(1);
    assertThat(request.hasBody() && ends).isFalse();
    for (Map.Entry<String, String> field : headers) {
      assertThat(field.getKey()).matches(TOKEN);
      assertThat(field.getValue()).doesNotMatch("(?s).*[\\x00-\\x08\\x0a-\\x1f\\x7f].*");
      assertThat(field.getValue()).doesNotMatch("(?s)[ \t].*|.*[ \t]");
    }
    List<DecodedHead> again = Wire.decode(LIMITS, List.of(Wire.bytes(written(request))));
    assertThat(again).hasSize(1);
    assertThat(shown(again.getFirst())).isEqualTo(shown(request));
  }

  private static String written(DecodedHead.Request request) {
    StringBuilder text = new StringBuilder(request.method());
    text.append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    request
        .headers()
        .forEach(field ->
            text.append(field.getKey()).append(':').append(field.getValue()).append("\r\n"));
    return text.append("\r\n").toString();
  }

  /** Each pseudo-field once, and nothing that the two versions treat differently on purpose. */
  private static boolean canBeSaidByHttp1(List<Field> fields) {
    return fields.stream().filter(field -> field.name().startsWith(":")).count() == 4
        && value(fields, ":scheme").equals("https")
        && !value(fields, ":method").isEmpty()
        && value(fields, ":path").startsWith("/")
        && !value(fields, ":authority").isEmpty()
        && fields.stream().allMatch(Http2HeadFuzzTest::isLine);
  }

  private static boolean isLine(Field field) {
    String value = field.value();
    return value.indexOf('\r') < 0
        && value.indexOf('\n') < 0
        && value.equals(value.strip())
        && (field.name().startsWith(":") || isPlain(field.name()));
  }

  private static boolean isPlain(String name) {
    return name.matches(TOKEN) && !name.equals("host") && !OF_ONE_VERSION.contains(name);
  }

  private static String value(List<Field> fields, String name) {
    return fields.stream()
        .filter(field -> field.name().equals(name))
        .map(Field::value)
        .findFirst()
        .orElse("");
  }

  private static String asHttp1(List<Field> fields) {
    StringBuilder text = new StringBuilder(value(fields, ":method"));
    text.append(' ').append(value(fields, ":path")).append(" HTTP/1.1\r\n");
    text.append("host: ").append(value(fields, ":authority")).append("\r\n");
    for (Field field : fields) {
      if (!field.name().startsWith(":")) {
        text.append(field.name()).append(": ").append(field.value()).append("\r\n");
      }
    }
    return text.append("\r\n").toString();
  }

  /** The one difference: fields that end a request and promise a body contradict themselves. */
  private static void assertSameVerdict(DecodedHead read, DecodedHead byHttp1, boolean ends) {
    boolean promisesInVain =
        byHttp1 instanceof DecodedHead.Request request && request.hasBody() && ends;
    if (promisesInVain) {
      assertThat(read).isInstanceOf(DecodedHead.Refused.class);
    } else {
      assertThat(shown(read)).isEqualTo(shown(byHttp1));
    }
  }

  /**
   * With the fields in the order of their names, for {@code host} has no place of its own; of two
   * faults either may be the one that is named.
   */
  private static String shown(DecodedHead head) {
    return switch (head) {
      case DecodedHead.Refused _ -> "refused";
      case DecodedHead.Request request ->
          String.join(
              " ",
              request.method(),
              request.target(),
              request.hasBody() ? "body" : "bodyless",
              StreamSupport.stream(request.headers().spliterator(), false)
                  .map(field -> field.getKey().toLowerCase(Locale.ROOT) + ": " + field.getValue())
                  .sorted()
                  .toList()
                  .toString());
    };
  }
}
