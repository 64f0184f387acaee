package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients of registries expect of heads and errors. */
final class RegistryDialectTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String OTHER = "sha512:" + HEX + HEX;

  private static Map<String, String> described(String target, @Nullable String link) {
    ArtifactHead head = new ArtifactHead(null, null, null, null, null, null, link);
    ResponseHead answer = new ResponseHead(200);
    Dialect.of(target).describe(answer, new Representation(head, null, Digest.sha256(HEX), 10, -1));
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < answer.fieldCount(); i++) {
      fields.put(answer.name(i), answer.value(i));
    }
    return fields;
  }

  @Test
  void digest_isThatOfThePath_elseThatOfTheContent() {
    assertThat(described("/v2/r/a/blobs/" + OTHER, null))
        .containsOnly(Map.entry("Docker-Content-Digest", OTHER));
    assertThat(described("/v2/r/a/manifests/v1?x", null))
        .containsOnly(Map.entry("Docker-Content-Digest", "sha256:" + HEX));
    assertThat(described("/v2/r/a/tags/list", null)).isEmpty();
    assertThat(described("/api/v1/remote/r/v2/a/manifests/v1", "<x>")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v2/r/a/tags/list?n=1      | </v2/a/tags/list?n=1&last=b>; rel="next"          | </v2/r/a/tags/list?n=1&last=b>; rel="next"
          /v2/r/a/tags/list          | <https://up.example.com/v2/a/tags/list?last=b>; x | </v2/r/a/tags/list?last=b>; x
          /v2/r/a/tags/list          | <https://up.example.com/x/v2/a/tags/list>         | </v2/r/a/tags/list>
          /v2/a/tags/list?ns=u.x&n=1 | </v2/a/tags/list?n=1&last=b>; rel="next"          | </v2/a/tags/list?n=1&last=b&ns=u.x>; rel="next"
          /v2/a/tags/list?n=1&ns=u.x | </v2/a/tags/list>                                 | </v2/a/tags/list?ns=u.x>
          /v2/r/a/tags/list          | <list?last=b>; rel="next"                         | <list?last=b>; rel="next"
          /v2/r/a/tags/list          | no link at all                                    | no link at all
          """)
  void nextPage_isReachedThroughHere(String target, String link, String expected) {
    assertThat(described(target, link)).containsOnly(Map.entry("Link", expected));
  }

  @ParameterizedTest
  @CsvSource({
    "404, UPSTREAM_STATUS, /v2/r/a/manifests/v1, MANIFEST_UNKNOWN",
    "404, NEGATIVE, /v2/r/a/tags/list, NAME_UNKNOWN",
    "404, NO_ROUTE, /v2/r/a, NAME_UNKNOWN",
    "404, UNKNOWN_REMOTE, /v2/r/a/manifests/v1, NAME_UNKNOWN",
    "403, BLOCKLIST, /v2/r/a/manifests/v1, DENIED",
    "401, UPSTREAM_STATUS, /v2/r/a/manifests/v1, UNAUTHORIZED",
    "405, METHOD, /v2/, UNSUPPORTED",
    "429, UPSTREAM_STATUS, /v2/r/a/manifests/v1, TOOMANYREQUESTS",
    "503, FILLS, /v2/r/a/manifests/v1, UNAVAILABLE",
    "416, RANGE, /v2/r/a/manifests/v1, UNKNOWN",
  })
  void error_isTheSpecifications(int status, Refusal refusal, String target, String code) {
    Dialect dialect = Dialect.of(target);
    String body = new String(dialect.errorBody(status, refusal, "why"), StandardCharsets.UTF_8);

    assertThat(dialect.errorType()).isEqualTo("application/json");
    assertThat(body)
        .isEqualTo(
            "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\",\"detail\":{\"reason\":\"%s\",\"detail\":\"why\"}}]}",
            code, refusal.title(), refusal.label());
  }

  @Test
  void target_ofAnotherRoute_isNotSpokenToSo() {
    assertThat(Dialect.of("/v2")).isInstanceOf(RegistryDialect.class);
    assertThat(Dialect.of("/v2/")).isInstanceOf(RegistryDialect.class);
    assertThat(Dialect.of("/v20/")).isInstanceOf(ProblemDialect.class);
    assertThat(Dialect.of("/api/v1/remote/v2/x")).isInstanceOf(ProblemDialect.class);
  }
}
