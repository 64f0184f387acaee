package dev.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Rig;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The largest indexes that registries have, with little memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LargeIndexesTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String INTEGRITY = "A".repeat(86) + "==";
  private static final int HITS = 300;

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .jvm("-Xmx128m", "-XX:MaxDirectMemorySize=64m")
          .remoteOf("npm", "npm", "${origin}/base")
          .remoteOf("pypi", "pypi", "${origin}/base")
          .remoteOf("helm", "helm", "${origin}/base");

  private Answer get(String remote, String path) {
    return rig.getTarget("/api/v1/remote/" + remote + "/" + path);
  }

  /** Repeats an entry until there are so many bytes; returns how many entries. */
  private static int grow(StringBuilder text, int bytes, IntFunction<String> entry) {
    int count = 0;
    while (text.length() < bytes) {
      text.append(entry.apply(count++));
    }
    return count;
  }

  private void serve(String path, String type, String text) {
    rig.origin().at(path, Content.of(Body.of(text.getBytes(UTF_8))).with("Content-Type: " + type));
  }

  /**
   * Asks, counts the links that lead here, and asks again as often as says how long a hit takes.
   */
  private void check(String remote, String path, int links) {
    long begun = System.nanoTime();
    Answer first = get(remote, path);
    long firstMillis = (System.nanoTime() - begun) / 1_000_000;
    assertThat(first.whole()).isTrue();
    String lead = "/api/v1/remote/" + remote + "/";
    assertThat(first.text().split(lead, -1)).hasSize(links + 1);
    rig.awaitIdle();
    long[] nanos = new long[HITS];
    for (int i = 0; i < HITS; i++) {
      long from = System.nanoTime();
      Answer head = rig.getTarget("/api/v1/remote/" + remote + "/" + path, "Range: bytes=0-1023");
      nanos[i] = System.nanoTime() - from;
      assertThat(head.status()).isEqualTo(206);
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%s: %,d bytes in %d ms, first KiB of a hit %.2f ms (median) %.2f ms (p99), resident %d MiB%n",
        remote,
        first.body().length,
        firstMillis,
        nanos[HITS / 2] / 1e6,
        nanos[HITS * 99 / 100] / 1e6,
        rig.millrace().peakResidentBytes() >> 20);
    assertThat(rig.millrace().peakResidentBytes()).isLessThan(400L << 20);
  }

  @Test
  void packumentOf25MiB() {
    StringBuilder text = new StringBuilder("{\"name\":\"large\",\"versions\":{");
    int versions =
        grow(
            text,
            25 << 20,
            i ->
                (i == 0 ? "" : ",")
                    + "\"1.0.%1$d\":{\"name\":\"large\",\"version\":\"1.0.%1$d\",\"dependencies\":{\"a\":\"^1.0.0\",\"b\":\"^2.0.0\"},\"dist\":{\"tarball\":\"large/-/large-1.0.%1$d.tgz\",\"integrity\":\"sha512-%2$s\"}}"
                        .formatted(i, INTEGRITY));
    text.append("}}");
    serve("/large", "application/json", text.toString());

    check("npm", "large", versions);
  }

  @Test
  void pypiRootOf30MiB() {
    StringBuilder text = new StringBuilder("<!DOCTYPE html><html><body>\n");
    int links =
        grow(
            text,
            30 << 20,
            i -> "<a href=\"/base/simple/project-%1$d/\">project-%1$d</a><br/>\n".formatted(i));
    text.append("</body></html>");
    serve("/simple/", "text/html", text.toString());

    check("pypi", "simple/", links);
  }

  @Test
  void helmIndexOf400000Lines() {
    StringBuilder text = new StringBuilder("apiVersion: v1\nentries:\n");
    int lines = 2;
    int charts = 0;
    while (lines < 400_000) {
      text.append("  chart-%d:\n".formatted(charts));
      text.append(
          "  - apiVersion: v2\n    digest: %s\n    name: chart-%2$d\n    urls:\n    - %3$s/base/chart-%2$d-1.0.0.tgz\n    version: 1.0.0\n"
              .formatted(HEX, charts++, rig.origin().url()));
      lines += 7;
    }
    serve("/index.yaml", "text/yaml", text.toString());

    check("helm", "index.yaml", charts);
  }
}
