package dev.millrace.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A path that is accepted leads nowhere else, however an upstream decodes and cuts it. */
final class PathSyntaxFuzzTest {
  private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

  @FuzzTest
  void acceptedPath_hasOneReading(byte[] data) {
    String path = new String(data, StandardCharsets.ISO_8859_1);
    Route route = new Router().route("/api/v1/remote/gen/" + path);

    if (route instanceof Route.Remote(String remote, String kept)) {
      assertThat(remote).isEqualTo("gen");
      assertThat(kept).isEqualTo(path);
      int query = path.indexOf('?');
      assertHarmless(query < 0 ? path : path.substring(0, query));
    } else {
      assertThat(route).isInstanceOf(Route.Refused.class);
      assertThat(isPlain(path)).as("a plain path is not refused").isFalse();
    }
  }

  private static void assertHarmless(String path) {
    String decoded = path;
    for (int i = 0; i <= 2; i++) {
      assertThat(decoded.chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
      assertThat(segments(decoded)).doesNotContain(".", "..");
      decoded = ESCAPE.matcher(decoded).replaceAll(found -> quoted(found.group(1)));
    }
    assertThat(path).doesNotContain("\\");
    assertThat(ESCAPE.matcher(path).replaceAll("")).doesNotContain("%");
  }

  private static String quoted(String hex) {
    return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(hex, 16)));
  }

  /** As servers cut it that take backslashes for slashes and drop parameters. */
  private static List<String> segments(String path) {
    return Pattern.compile("[/\\\\]")
        .splitAsStream(path)
        .map(segment -> segment.replaceFirst("(?s)[;?#].*", ""))
        .toList();
  }

  private static boolean isPlain(String path) {
    return path.chars()
        .allMatch(c -> c < 0x7f && (Character.isLetterOrDigit(c) || "/-_~?&=".indexOf(c) >= 0));
  }
}
