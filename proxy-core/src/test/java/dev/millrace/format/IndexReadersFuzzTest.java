package dev.millrace.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.artifact.Promise;
import dev.millrace.config.RemoteDraft;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Whatever an index holds, it is read or refused, and promises nothing that it does not say. */
final class IndexReadersFuzzTest {
  private static final String BASE = "https://registry.example.com/base";

  private static void read(Format format, String path, String type, byte[] data) {
    IndexReader reader = Objects.requireNonNull(format.index(path, type));
    List<Promise> promises = new ArrayList<>();
    try {
      reader.copy(
          new ByteArrayInputStream(data),
          new ByteArrayOutputStream(),
          new RemoteLinks(
              new RemoteDraft().of(format.name(), URI.create(BASE)).settings(),
              null,
              format,
              path,
              "http://here",
              new RemoteLinks.Told(promises::add, origin -> true)));
    } catch (MalformedIndexException e) {
      assertThat(e).isNotNull();
    } catch (IOException e) {
      throw new AssertionError("nothing else can break here", e);
    }
    String said = new String(data, ISO_8859_1).toLowerCase(Locale.ROOT);
    if (said.indexOf('\\') >= 0 || said.indexOf('&') >= 0) {
      // It may spell its letters otherwise.
      return;
    }
    for (Promise promise : promises) {
      String base64 = promise.digest().base64().replaceAll(".=*$", "").toLowerCase(Locale.ROOT);
      assertThat(said.contains(promise.digest().hex()) || said.contains(base64))
          .as(promise.toString())
          .isTrue();
    }
  }

  @FuzzTest
  void npm(byte[] data) {
    read(new NpmFormat(), "name", "application/json", data);
  }

  @FuzzTest
  void pypiHtml(byte[] data) {
    read(new PypiFormat(), "simple/name/", "text/html", data);
  }

  @FuzzTest
  void helm(byte[] data) {
    read(new HelmFormat(), "index.yaml", "text/yaml", data);
  }

  @FuzzTest
  void cargo(byte[] data) {
    read(new CargoFormat(), "na/me/name", "text/plain", data);
  }

  @FuzzTest
  void linkedFile_comesBackAsItWas(byte[] data) {
    LinkedFile file = LinkedFile.parse("_files/" + new String(data, ISO_8859_1));
    if (file != null) {
      assertThat(LinkedFile.parse(file.path())).isEqualTo(file);
      assertThat(URI.create(file.origin()).getHost()).isNotNull();
      assertThat(URI.create(file.origin()).getRawUserInfo()).isNull();
    }
  }
}
