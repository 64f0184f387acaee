package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CR11: no secret of a query or a URL is ever written. */
final class QueryMaskTest {

  @ParameterizedTest
  @CsvSource({
    "/a?token=s3cret, /a?token=***",
    "/a?x=1&token=s3cret&y=2, /a?x=1&token=***&y=2",
    "/a?TOKEN=s3cret, /a?TOKEN=***",
    "/a?%74oken=s3cret, /a?%74oken=***",
    "/a?access_token=s3cret;sig=s3cret, /a?access_token=***;sig=***",
    "/a?Signature=s3cret&Expires=9, /a?Signature=***&Expires=9",
    "/a?X-Amz-Date=s3cret&X-Amz-Credential=s3cret, /a?X-Amz-Date=***&X-Amz-Credential=***",
    "/a?x-goog-signature=s3cret#f, /a?x-goog-signature=***#f",
    "/a?password=s3=cret, /a?password=***",
    "/a?client_secret=s3cret&apikey=s3cret, /a?client_secret=***&apikey=***",
    "/a?b?token=s3cret, /a?b?token=***",
    "https://u:s3cret@a.example.com/x, https://***@a.example.com/x",
    "https://u:s3cret@x@a.example.com/?sig=s3cret, https://***@a.example.com/?sig=***"
  })
  void secret_isMasked(String target, String shown) {
    assertThat(QueryMask.mask(target)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/a?",
        "/a?token",
        "/a?token=",
        "/a?x=token=1",
        "/a?x=%zz&%zz=1",
        "/token=1/a",
        "/a?&&==&",
        "/a@b?x=y",
        "https://a.example.com/u@x"
      })
  void otherTarget_staysTheSameObject(String target) {
    assertThat(QueryMask.mask(target)).isSameAs(target);
  }

  @Test
  void badEscapeInTheName_doesNotHideTheNextParameter() {
    assertThat(QueryMask.mask("/a?%zz=1&token=s3cret")).isEqualTo("/a?%zz=1&token=***");
  }
}
