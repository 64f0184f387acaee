package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever a registry asks for, it is read or not, and what is asked of its server is one URL. */
final class ChallengeFuzzTest {

  @FuzzTest
  void field_givesAUrlForOneRepository_orNothing(byte[] data) {
    Challenge found = Challenge.bearer(List.of(new String(data, StandardCharsets.ISO_8859_1)));
    if (found == null) {
      return;
    }
    assertThat(found.realm()).isNotEmpty();
    String url = found.toPull("team/app").url();
    assertThat(url).startsWith(found.realm()).endsWith("scope=repository%3Ateam%2Fapp%3Apull");
    assertThat(url.substring(found.realm().length())).matches("[\\x21-\\x7e]*");
  }
}
