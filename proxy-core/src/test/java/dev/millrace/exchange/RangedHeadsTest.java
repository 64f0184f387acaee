package dev.millrace.exchange;

import static dev.millrace.exchange.AnswerHeadsTest.DIGEST;
import static dev.millrace.exchange.AnswerHeadsTest.FULL;
import static dev.millrace.exchange.AnswerHeadsTest.MODIFIED;
import static dev.millrace.exchange.AnswerHeadsTest.fields;
import static dev.millrace.exchange.AnswerHeadsTest.shown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RangeRequest.Resolved;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.ResponseHead;
import dev.millrace.serve.ResponseHead.Length;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions and ranges against a representation: which head, with which fields. */
final class RangedHeadsTest {
  private static final Representation KNOWN = shown(FULL, DIGEST, 100, -1);
  private static final Representation GROWING = shown(FULL, null, -1, -1);

  private static ClientRequest request(String method, String... namesAndValues) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new ClientRequest(method, "/", headers, "127.0.0.1", false, 0);
  }

  private static @Nullable ResponseHead bodyless(ClientRequest request, Representation shown) {
    return RangedHeads.bodyless(request, shown, AnswerSource.HIT);
  }

  private static ResponseHead answered(ClientRequest request, Representation shown) {
    return Objects.requireNonNull(bodyless(request, shown), "a body follows");
  }

  /** 0 where a body follows. */
  private static int status(@Nullable ResponseHead head) {
    return head == null ? 0 : head.status();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | Accept | x | 0",
        "GET | If-None-Match | \"tag\" | 304",
        "GET | If-None-Match | W/\"tag\" | 304",
        "GET | If-None-Match | * | 304",
        "GET | If-None-Match | \"other\" | 0",
        "GET | If-Modified-Since | Sun, 06 Nov 1994 08:49:37 GMT | 304",
        "GET | If-Modified-Since | Sun, 06 Nov 1994 08:49:36 GMT | 0",
        "GET | If-Match | \"tag\" | 0",
        "GET | If-Match | \"other\" | 412",
        "GET | If-Unmodified-Since | Sun, 06 Nov 1994 08:49:36 GMT | 412",
        "GET | If-Unmodified-Since | Sun, 06 Nov 1994 08:49:37 GMT | 0",
        "GET | Range | bytes=0-9 | 0",
        "GET | Range | bytes=99- | 0",
        "GET | Range | bytes=100- | 416",
        "GET | Range | bytes=-0 | 416",
        "GET | Range | bytes=200-100 | 0",
        "GET | Range | bytes=0-1,100-200 | 0",
        "HEAD | Accept | x | 200",
        "HEAD | If-None-Match | \"tag\" | 304",
        "HEAD | If-Match | \"other\" | 412",
        "HEAD | Range | bytes=0-9 | 200",
        "HEAD | Range | bytes=100- | 200"
      })
  void headThatIsTheWholeAnswer(String method, String name, String value, int expected) {
    assertThat(status(bodyless(request(method, name, value), KNOWN))).isEqualTo(expected);
  }

  @Test
  void condition_goesBeforeTheRange() {
    ClientRequest request = request("GET", "If-None-Match", "\"tag\"", "Range", "bytes=100-");

    assertThat(status(bodyless(request, KNOWN))).isEqualTo(304);
  }

  @Test
  void unsatisfiableRange_saysTheLength_andNothingOfTheBody() {
    ResponseHead head = answered(request("GET", "Range", "bytes=100-"), KNOWN);

    assertThat(fields(head))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "X-Artifact-Source", "cache",
                "Cache-Status", "millrace; hit",
                "Content-Range", "bytes */100"));
    assertThat(head.length()).isEqualTo(new Length.None());
  }

  @Test
  void unsatisfiableRange_whoseIfRangeDoesNotHold_asksForTheWhole() {
    ClientRequest request = request("GET", "Range", "bytes=100-", "If-Range", "\"other\"");

    assertThat(bodyless(request, KNOWN)).isNull();
    assertThat(RangedHeads.resolve(request, KNOWN)).isEqualTo(new Resolved.Whole());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"tag\" | true",
        "W/\"tag\" | false",
        "\"other\" | false",
        "Sun, 06 Nov 1994 08:49:37 GMT | true",
        "Sun, 06 Nov 1994 08:49:38 GMT | false"
      })
  void ifRange_decidesWhetherAPartIsGiven(String ifRange, boolean part) {
    ClientRequest request = request("GET", "Range", "bytes=10-19", "If-Range", ifRange);

    assertThat(RangedHeads.resolve(request, KNOWN))
        .isEqualTo(part ? new Resolved.Part(10, 19) : new Resolved.Whole());
  }

  @Test
  void rangeOfABodyOfUnknownLength_isTheWhole() {
    ClientRequest request = request("GET", "Range", "bytes=10-19");

    assertThat(bodyless(request, GROWING)).isNull();
    assertThat(RangedHeads.resolve(request, GROWING)).isEqualTo(new Resolved.Whole());
  }

  @Test
  void part_saysWhereItLies_andHowLongItIs() {
    ResponseHead head = RangedHeads.of(KNOWN, AnswerSource.HIT, new Resolved.Part(10, 19));

    assertThat(head.status()).isEqualTo(206);
    assertThat(head.length()).isEqualTo(new Length.Known(10));
    assertThat(fields(head))
        .containsEntry("Content-Range", "bytes 10-19/100")
        .containsEntry("ETag", "\"tag\"")
        .containsEntry("Last-Modified", MODIFIED)
        .containsKeys("Content-Type", "Content-Encoding", "Repr-Digest", "Accept-Ranges");
  }

  @Test
  void whole_saysItsLengthIfItIsKnown() {
    ResponseHead known = RangedHeads.of(KNOWN, AnswerSource.HIT, new Resolved.Whole());
    ResponseHead growing = RangedHeads.of(GROWING, AnswerSource.MISS, new Resolved.Whole());

    assertThat(known.status()).isEqualTo(200).isEqualTo(growing.status());
    assertThat(known.length()).isEqualTo(new Length.Known(100));
    assertThat(growing.length()).isEqualTo(new Length.Unknown());
    assertThat(fields(known)).doesNotContainKey("Content-Range");
  }

  @Test
  void answerToHead_saysTheLengthThatGetWouldSend() {
    ResponseHead known = answered(request("HEAD"), KNOWN);
    ResponseHead growing = answered(request("HEAD"), GROWING);

    assertThat(known.length()).isEqualTo(new Length.Known(100));
    assertThat(growing.length()).isEqualTo(new Length.None());
  }
}
