package dev.millrace.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.HttpDate;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.RemoteDraft;
import dev.millrace.fill.ResumeRule.Answer;
import dev.millrace.fill.ResumeRule.Continues;
import dev.millrace.fill.ResumeRule.Later;
import dev.millrace.fill.ResumeRule.Never;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.StoreFixture;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for when a body broke off, and which answers are its rest: a table of heads. */
final class ResumeRuleTest {
  private static final long WHOLE = 1_000;
  private static final long CAME = 400;
  private static final long NOW = 1_700_000_000_000L;
  private static final String DATE = HttpDate.format(NOW);
  private static final Digest PROMISED = StoreFixture.digestOf(new byte[] {1});

  /** A response head with those fields, "Name: value" each. */
  private static FetchHead head(int status, long length, String... fields) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String field : fields) {
      int colon = field.indexOf(": ");
      headers.add(field.substring(0, colon), field.substring(colon + 2));
    }
    return new FetchHead(
        status, headers, length, length < 0 ? FetchHead.Framing.CHUNKED : FetchHead.Framing.LENGTH);
  }

  private static ResumeRule rule(FetchHead begun, boolean lasting, Digest... promised) {
    HeadRule.Store verdict =
        new HeadRule.Store(
            ArtifactHead.EMPTY, List.of(promised), true, StoredArtifact.NEVER, lasting);
    return new ResumeRule(FetchRequest.get(new RemoteDraft().settings(), "a"), begun, verdict);
  }

  private static FetchRequest.@Nullable Part asked(ResumeRule rule) {
    return rule.request(CAME).part();
  }

  private static Answer judged(ResumeRule rule, FetchHead answer) {
    return rule.judge(answer, CAME, NOW);
  }

  private static String part(long from, long last, Object whole) {
    return "Content-Range: bytes " + from + "-" + last + "/" + whole;
  }

  @Test
  void strongTag_isTheCondition() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false);

    assertThat(rule.isVouchedFor(CAME)).isTrue();
    assertThat(asked(rule)).isEqualTo(new FetchRequest.Part(CAME, Long.MAX_VALUE, "\"a\""));
  }

  /** A date names one body only where no second body can bear it. */
  @ParameterizedTest
  @CsvSource({"0, false", "59, false", "60, true", "86400, true"})
  void date_isTheConditionWhenOldEnough(long ageSeconds, boolean strong) {
    String modified = HttpDate.format(NOW - ageSeconds * 1000);
    ResumeRule rule = rule(head(200, WHOLE, "Last-Modified: " + modified, "Date: " + DATE), false);

    assertThat(rule.isVouchedFor(CAME)).isEqualTo(strong);
    if (strong) {
      assertThat(asked(rule)).isEqualTo(new FetchRequest.Part(CAME, Long.MAX_VALUE, modified));
    }
  }

  @Test
  void dateBesideAWeakTag_isNoCondition() {
    ResumeRule rule =
        rule(
            head(
                200,
                WHOLE,
                "ETag: W/\"a\"",
                "Last-Modified: " + HttpDate.format(0),
                "Date: " + DATE),
            false);

    assertThat(rule.isVouchedFor(CAME)).isFalse();
  }

  @Test
  void promisedDigest_needsNoCondition() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false, PROMISED);

    assertThat(rule.isVouchedFor(CAME)).isTrue();
    assertThat(asked(rule)).isEqualTo(new FetchRequest.Part(CAME, Long.MAX_VALUE, null));
  }

  @Test
  void withoutAny_onlyWhatLastsOrHasNotBegun_isAskedForAgain_whole() {
    assertThat(rule(head(200, WHOLE), false).isVouchedFor(CAME)).isFalse();
    assertThat(rule(head(200, WHOLE), false).isVouchedFor(0)).isTrue();
    assertThat(rule(head(200, WHOLE), true).isVouchedFor(CAME)).isTrue();
    assertThat(asked(rule(head(200, WHOLE), true))).isNull();
    assertThat(rule(head(200, WHOLE, "ETag: \"a\""), true).request(0).part()).isNull();
  }

  @Test
  void part_continues() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false);

    assertThat(judged(rule, head(206, 600, part(CAME, 999, 1000), "ETag: \"a\"")))
        .isEqualTo(new Continues(CAME, WHOLE));
    assertThat(judged(rule, head(206, -1, part(CAME, 499, "*"))))
        .as("less than the rest, in chunks, and no tag")
        .isEqualTo(new Continues(CAME, WHOLE));
  }

  @Test
  void partOfABodyOfUnknownLength_tellsIt() {
    ResumeRule rule = rule(head(200, -1, "ETag: \"a\""), false);

    assertThat(judged(rule, head(206, 600, part(CAME, 999, 1000))))
        .isEqualTo(new Continues(CAME, WHOLE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 399-999/1000",
        "bytes 401-999/1000",
        "bytes 400-399/1000",
        "bytes 400-1000/1000",
        "bytes 400-998/1000",
        "bytes 400-999",
        "bytes */1000",
        "items 400-999/1000",
        "bytes 400-999/99999999999999999999",
        "",
      })
  void anotherPart_isNone(String range) {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false);

    Answer answer = judged(rule, head(206, 600, "Content-Range: " + range));

    assertThat(reason(answer)).isEqualTo(FetchFailure.RANGE_MISMATCH);
  }

  @Test
  void twoRangesOrNone_areNoPart() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false);
    String range = part(CAME, 999, 1000);

    assertThat(reason(judged(rule, head(206, 600)))).isEqualTo(FetchFailure.RANGE_MISMATCH);
    assertThat(reason(judged(rule, head(206, 600, range, range))))
        .isEqualTo(FetchFailure.RANGE_MISMATCH);
  }

  /** CK17: what has another name now is not the rest of what began. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ETag: \"b\"",
        "ETag: W/\"a\"",
        "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT",
        "Content-Encoding: gzip",
      })
  void partOfAnotherName_isOfAnotherBody(String field) {
    ResumeRule rule =
        rule(head(200, WHOLE, "ETag: \"a\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"), true);

    assertThat(reason(judged(rule, head(206, 600, part(CAME, 999, 1000), field))))
        .isEqualTo(FetchFailure.CHANGED);
  }

  /** Two servers of one body may differ in when they got it. */
  @Test
  void partOfTheSameTag_mayHaveAnotherDate() {
    ResumeRule rule =
        rule(
            head(200, WHOLE, "ETag: \"a\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"), false);
    FetchHead other =
        head(
            206,
            600,
            part(CAME, 999, 1000),
            "ETag: \"a\"",
            "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT");

    assertThat(judged(rule, other)).isEqualTo(new Continues(CAME, WHOLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ETag: \"b\"", "Content-Encoding: gzip"})
  void wholeOfAnotherStrongName_isAnotherBody(String field) {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), true);

    assertThat(reason(judged(rule, head(200, WHOLE, field)))).isEqualTo(FetchFailure.CHANGED);
  }

  /** Its beginning is compared, and that is better than any weak name. */
  @ParameterizedTest
  @ValueSource(strings = {"ETag: W/\"b\"", "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT", "X: y"})
  void wholeOfAnotherWeakName_isCompared(String field) {
    ResumeRule rule =
        rule(
            head(200, WHOLE, "ETag: W/\"a\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"),
            true);

    assertThat(judged(rule, head(200, WHOLE, field))).isEqualTo(new Continues(0, WHOLE));
  }

  @Test
  void nothingBehindWhatCame_isTheEnd() {
    ResumeRule unknown = rule(head(200, -1, "ETag: \"a\""), false);
    ResumeRule longer = rule(head(200, WHOLE, "ETag: \"a\""), false);

    assertThat(judged(unknown, head(416, 0, "Content-Range: bytes */400")))
        .isEqualTo(new ResumeRule.Complete());
    for (String range : new String[] {"bytes */401", "bytes */*", "bytes 0-399/400"}) {
      assertThat(judged(unknown, head(416, 0, "Content-Range: " + range)))
          .isEqualTo(new Never(null));
    }
    assertThat(judged(longer, head(416, 0, "Content-Range: bytes */400")))
        .isEqualTo(new Never(null));
  }

  @Test
  void anotherLength_isAnotherBody_whateverIsPromised() {
    for (Digest[] promised : new Digest[][] {{}, {PROMISED}}) {
      ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), true, promised);

      assertThat(reason(judged(rule, head(206, 601, part(CAME, 1000, 1001)))))
          .isEqualTo(FetchFailure.CHANGED);
      assertThat(reason(judged(rule, head(200, 1001)))).isEqualTo(FetchFailure.CHANGED);
    }
  }

  /** Two servers behind one name may tag one body differently. */
  @Test
  void anotherTag_doesNotMatterUnderADigest() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false, PROMISED);

    assertThat(judged(rule, head(206, 600, part(CAME, 999, 1000), "ETag: \"b\"")))
        .isEqualTo(new Continues(CAME, WHOLE));
  }

  @Test
  void whole_beginsAgain() {
    ResumeRule rule = rule(head(200, WHOLE, "ETag: \"a\""), false);

    assertThat(judged(rule, head(200, WHOLE, "ETag: \"a\""))).isEqualTo(new Continues(0, WHOLE));
    assertThat(judged(rule, head(200, -1, "ETag: \"a\""))).isEqualTo(new Continues(0, WHOLE));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void outage_isAskedLater(int status) {
    ResumeRule rule = rule(head(200, WHOLE), true);

    assertThat(judged(rule, head(status, 0))).isEqualTo(new Later(0));
    assertThat(judged(rule, head(status, 0, "Retry-After: 7"))).isEqualTo(new Later(7_000));
    assertThat(judged(rule, head(status, 0, "Retry-After: " + HttpDate.format(NOW + 5_000))))
        .isEqualTo(new Later(5_000));
    assertThat(judged(rule, head(status, 0, "Retry-After: " + HttpDate.format(NOW - 5_000))))
        .isEqualTo(new Later(0));
    assertThat(judged(rule, head(status, 0, "Retry-After: soon"))).isEqualTo(new Later(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 400, 401, 403, 404, 410, 412, 416, 501})
  void everyOtherAnswer_isTheEnd(int status) {
    assertThat(judged(rule(head(200, WHOLE), true), head(status, 0))).isEqualTo(new Never(null));
  }

  private static FetchFailure reason(Answer answer) {
    assertThat(answer).isInstanceOf(Never.class);
    return Objects.requireNonNull(((Never) answer).failure()).reason();
  }
}
