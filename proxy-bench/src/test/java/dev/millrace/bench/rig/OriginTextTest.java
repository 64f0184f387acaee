package dev.millrace.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a path, a head, {@code /proc} and a page of metrics say. */
final class OriginTextTest {
  @TempDir Path folder;

  @Test
  void path_saysTheBody() {
    BodySpec spec = BodySpec.parse("/b/1000/sha256,rate=5,cut=7/x1");

    assertThat(spec.bytes()).isEqualTo(1000);
    assertThat(spec.sha256()).isTrue();
    assertThat(spec.chunked()).isFalse();
    assertThat(spec.pace()).isEqualTo(new BodySpec.Pace(5, 7, false));
    assertThat(BodySpec.parse("/b/1/x").pace()).isEqualTo(new BodySpec.Pace(0, -1, false));
  }

  @Test
  void cut_isForAnswersFromTheStart_orForEach() {
    assertThat(BodySpec.parse("/b/99/cut=7/x").pace().cutAt(0)).isEqualTo(7);
    assertThat(BodySpec.parse("/b/99/cut=7/x").pace().cutAt(10)).isEqualTo(-1);
    assertThat(BodySpec.parse("/b/99/every=7/x").pace().cutAt(10)).isEqualTo(17);
    assertThat(BodySpec.parse("/b/99/x").pace().cutAt(0)).isEqualTo(-1);
  }

  @Test
  void strangePath_isRefused() {
    assertThatThrownBy(() -> BodySpec.parse("/b/1")).hasMessageContaining("not a body");
    assertThatThrownBy(() -> BodySpec.parse("/b/1/colour/x")).hasMessageContaining("colour");
  }

  @Test
  void bodiesOfTwoPaths_beginDifferently() {
    assertThat(BodySpec.parse("/b/100/x1").prefix())
        .hasSize(BodySpec.PREFIX_BYTES)
        .isNotEqualTo(BodySpec.parse("/b/100/x2").prefix());
  }

  @Test
  void digest_coversThePrefixAndTheWrappedBase() throws Exception {
    BaseBody base = BaseBody.create(folder.resolve("base"), 1 << 16);
    BodySpec spec = BodySpec.parse("/b/100000/x");
    var hash = BodySpec.sha256Digest();
    hash.update(spec.prefix());
    hash.update(base.slice(64, 1 << 16));
    hash.update(base.slice(0, 100_000 - (1 << 16)));

    byte[] digest = hash.digest();
    OriginDigests digests = new OriginDigests(base);

    String hex = digests.prepare(spec.path());

    assertThat(hex).isEqualTo(HexFormat.of().formatHex(digest));
    assertThat(digests.path(hex)).isEqualTo(spec.path());
    assertThat(digests.field(spec.path()))
        .isEqualTo("sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":");
    assertThat(digests.field("/b/1/other")).isNull();
  }

  @Test
  void head_saysTheRange() {
    OriginRequest request =
        OriginRequest.parse("GET /b/9/x HTTP/1.1\r\nRange: bytes=2-5\r\nIf-Range: \"e\"\r\n\r\n");

    assertThat(request).isEqualTo(new OriginRequest(false, "/b/9/x", 2, 5, "\"e\""));
    assertThat(OriginRequest.parse("GET / HTTP/1.1\r\nrange: bytes=3-\r\n\r\n").last())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(OriginRequest.parse("GET / HTTP/1.1\r\n\r\n").first()).isEqualTo(-1);
    assertThat(OriginRequest.parse("HEAD / HTTP/1.1\r\n\r\n").head()).isTrue();
  }

  @Test
  void proc_isReadBehindAStrangeName() {
    String stat = "7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 3 0 1";
    String status = "Name:\tx\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\nThreads:\t3\n";

    assertThat(ProcFiles.parse(stat, status, 9))
        .isEqualTo(new ProcessSample(2.0, 100 * 1024, 200 * 1024, 9, 3));
  }

  @Test
  void metrics_areAddedUpOverTheirLabels() {
    MetricsPage page = MetricsPage.parse("# HELP a b\na{x=\"1 2\"} 1.0\na{x=\"3\"} 2.0\nb 4E3\n");

    assertThat(page.of("a")).isEqualTo(3);
    assertThat(page.of("b")).isEqualTo(4000);
    assertThatThrownBy(() -> page.of("c")).hasMessageContaining("c");
  }
}
