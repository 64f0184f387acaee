package dev.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** pip, told this proxy's address only, with an index whose files are on another host. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PipTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Folder work = Folder.create();

  @RegisterExtension
  final Rig rig =
      Rig.with().remoteOf("pypi", "pypi", "${origin}/base", "allow_private_redirects: true");

  @AfterAll
  void deleteWork() {
    work.delete();
  }

  /** The smallest wheel that pip takes (PEP 427). */
  private static byte[] wheel(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String info = name + "-1.0.dist-info/";
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      add(zip, name + ".py", "");
      add(zip, info + "METADATA", metadata(name));
      add(zip, info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
      add(zip, info + "RECORD", "");
    }
    return bytes.toByteArray();
  }

  private static String metadata(String name) {
    return "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n";
  }

  private static void add(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(UTF_8));
    zip.closeEntry();
  }

  private void serve(String name, byte[] promised, byte[] served) throws IOException {
    Path file = work.root().resolve(name);
    Files.write(file, promised);
    String link =
        "<!DOCTYPE html><html><body><a href=\"%s/base/files/%s-1.0-py3-none-any.whl#sha256=%s\">%s-1.0-py3-none-any.whl</a></body></html>"
            .formatted(rig.elsewhere().url(), name, Folder.sha256(file), name);
    rig.origin().at("/simple/" + name + "/", Content.of(link).with("Content-Type: text/html"));
    rig.elsewhere().at("/files/" + name + "-1.0-py3-none-any.whl", Content.of(Body.of(served)));
  }

  private Run pip(String name, Path into) {
    List<String> command =
        List.of(
            "pip3",
            "--isolated",
            "--disable-pip-version-check",
            "download",
            "--no-cache-dir",
            "--no-deps",
            "--retries",
            "0",
            "--dest",
            into.toString(),
            "--index-url",
            "http://127.0.0.1:" + rig.millrace().port() + "/api/v1/remote/pypi/simple/",
            name);
    return Run.program(command, work.root(), Map.of(), LIMIT);
  }

  @Test
  void download_twice_fetchesTheFileOnce() throws IOException {
    byte[] wheel = wheel("demo");
    serve("demo", wheel, wheel);

    Run first = pip("demo", work.root().resolve("first"));
    rig.awaitIdle();
    Run second = pip("demo", work.root().resolve("second"));

    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(work.root().resolve("second/demo-1.0-py3-none-any.whl")).hasBinaryContent(wheel);
    assertThat(rig.elsewhere().gets("/files/demo-1.0-py3-none-any.whl")).isEqualTo(1);
  }

  @Test
  void tamperedFile_reachesNobody() throws IOException {
    serve("tampered", wheel("tampered"), wheel("other"));

    Run run = pip("tampered", work.root().resolve("third"));

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output()).contains("502");
    assertThat(work.root().resolve("third/tampered-1.0-py3-none-any.whl")).doesNotExist();
  }
}
