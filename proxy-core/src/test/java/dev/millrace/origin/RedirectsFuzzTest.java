package dev.millrace.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.config.RemoteDraft;
import java.util.List;

/** Wherever a {@code Location} leads, it is a place that can be asked, or it is refused. */
final class RedirectsFuzzTest {
  private static final Target FROM =
      new Target(new Origin(true, "registry.example.com", 443), "/base/a/b?c");

  @FuzzTest
  void location_leadsToAPlaceOrNowhere(byte[] data) {
    String location = new String(data, ISO_8859_1);

    Redirects.Step step = Redirects.step(FROM, List.of(location), new RemoteDraft().settings());

    if (step instanceof Redirects.Step.Follow(Target target)) {
      assertThat(target.pathAndQuery()).startsWith("/").doesNotContain("\r", "\n", " ", "#");
      assertThat(target.pathAndQuery().split("\\?", 2)[0] + "/").doesNotContain("/../", "/./");
      assertThat(target.origin().host()).isNotEmpty().doesNotContain("@", "/", "%");
      assertThat(target.origin().tls()).isTrue();
    }
  }
}
