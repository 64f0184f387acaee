package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Preconditions;
import dev.millrace.artifact.RangeRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.junit.jupiter.api.Test;

/** Conditions and ranges out of the lines of a request. */
final class ClientRequestTest {
  private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

  private static ClientRequest request(String... namesAndValues) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new ClientRequest("GET", "/", headers, "127.0.0.1", false, 0);
  }

  @Test
  void requestWithoutFields_hasNoConditionsAndNoRange() {
    assertThat(request().preconditions()).isEqualTo(Preconditions.NONE);
    assertThat(request().range()).isEqualTo(new RangeRequest.Whole());
    assertThat(request().isHead()).isFalse();
  }

  @Test
  void linesOfAList_areOneList() {
    Preconditions conditions =
        request(
                "If-None-Match", "\"a\"",
                "if-none-match", "W/\"b\"",
                "If-Match", "\"c\"",
                "If-Match", "\"d\"")
            .preconditions();

    assertThat(conditions.ifNoneMatch()).isEqualTo("\"a\", W/\"b\"");
    assertThat(conditions.ifMatch()).isEqualTo("\"c\", \"d\"");
  }

  /** RFC 9110 §13.1.3: more than one member is ignored, whatever the first says. */
  @Test
  void secondDate_makesTheConditionMalformed() {
    ClientRequest twice =
        request(
            "If-Modified-Since",
            DATE,
            "If-Modified-Since",
            DATE,
            "If-Range",
            DATE,
            "If-Range",
            DATE);

    assertThat(twice.preconditions().evaluate(null, DATE)).isEqualTo(Preconditions.Verdict.PROCEED);
    assertThat(twice.preconditions().allowsRange(null, DATE)).isFalse();
    assertThat(request("If-Modified-Since", DATE).preconditions().evaluate(null, DATE))
        .isEqualTo(Preconditions.Verdict.NOT_MODIFIED);
    assertThat(request("If-Range", DATE).preconditions().allowsRange(null, DATE)).isTrue();
  }

  @Test
  void secondRange_asksForTheWhole() {
    assertThat(request("Range", "bytes=0-1").range()).isEqualTo(new RangeRequest.Span(0, 1));
    assertThat(request("Range", "bytes=0-1", "Range", "bytes=0-1").range())
        .isEqualTo(new RangeRequest.Whole());
  }
}
