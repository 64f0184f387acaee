package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.artifact.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Whatever a head holds, what is promised stands in it, once for each algorithm. */
final class DigestFieldsFuzzTest {

  @FuzzTest
  void promises_areNeverInvented(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    List<Digest> promised =
        DigestFields.read(name ->
            Stream.of(text.split("\r\n", -1))
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList());

    assertThat(promised.stream().map(Digest::algorithm)).doesNotHaveDuplicates();
    for (Digest digest : promised) {
      // The last letter before the padding may have stray bits.
      String base64 = digest.base64().replaceAll(".=*$", "");
      assertThat(text.contains(base64) || text.toLowerCase(Locale.ROOT).contains(digest.hex()))
          .as(digest + " in the head")
          .isTrue();
    }
  }
}
