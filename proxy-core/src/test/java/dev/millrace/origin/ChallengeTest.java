package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of {@code WWW-Authenticate} (RFC 9110 §11.6.1). */
final class ChallengeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "-",
      textBlock =
          """
          Bearer realm="https://a.x/t",service="reg",scope="repository:a/b:pull" | https://a.x/t?service=reg&scope=repository%3Aa%2Fb%3Apull
          bearer REALM=https://a.x/t                                             | https://a.x/t
          Bearer realm = "https://a.x/t?y=1" , service = "a b"                   | https://a.x/t?y=1&service=a+b
          Bearer scope="x:y:z  q:r:s",realm="https://a.x/t"                      | https://a.x/t?scope=x%3Ay%3Az&scope=q%3Ar%3As
          Basic realm="x", Bearer realm="https://a.x/t"                          | https://a.x/t
          Basic realm="a, Bearer realm=b", Bearer realm="https://a.x/t"          | https://a.x/t
          Bearer realm="https://a.x/t", Basic realm="x"                          | https://a.x/t
          Negotiate, Bearer realm="https://a.x/t",error="invalid_token"          | https://a.x/t
          Bearer realm="https://a.x/\\"t"                                        | https://a.x/"t
          Bearer service="reg"                                                   | -
          Basic realm="https://a.x/t"                                            | -
          Bearer                                                                 | -
          realm="https://a.x/t"                                                  | -
          """)
  void bearer_isFoundAmongOthers(String field, String url) {
    Challenge found = Challenge.bearer(List.of(field));
    assertThat(found == null ? null : found.url()).isEqualTo(url);
  }

  @Test
  void severalLines_areOneList() {
    Challenge found = Challenge.bearer(List.of("Basic realm=x", "Bearer realm=https://a.x/t"));
    assertThat(found).isEqualTo(new Challenge("https://a.x/t", "", ""));
    assertThat(Challenge.bearer(List.of())).isNull();
  }

  /** Whatever is sent, the reading ends, and in a time that goes with the length. */
  @ParameterizedTest
  @ValueSource(strings = {"\"", ",", "Bearer ", "a=", "\\\"", "x=\"", " \t", "Bearer realm=\"\\"})
  void garbage_isRead(String piece) {
    Challenge found = Challenge.bearer(List.of(piece.repeat(20_000)));
    assertThat(found == null || !found.realm().isEmpty()).isTrue();
  }
}
