package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.LinkedFile;
import dev.millrace.config.RemoteDraft;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links as clients read them (RFC 3986 §5.2), and the paths of linked files. */
final class RemoteLinksTest {
  private static final String HERE = "http://here.example.com/api/v1/remote/gen/";

  private static String lead(String href, boolean more) {
    return new RemoteLinks(
            new RemoteDraft()
                .of("pypi", URI.create("https://registry.example.com/base"))
                .fileHosts("listed.example.com")
                .settings(),
            null,
            new PypiFormat(),
            "simple/a/",
            "http://here.example.com",
            new RemoteLinks.Told(promise -> {}, origin -> more))
        .lead(href, List.of());
  }

  private static String lead(String href) {
    return lead(href, true);
  }

  @ParameterizedTest
  @CsvSource({
    "../../packages/x.whl, packages/x.whl",
    "../../../../../packages/x.whl, _files/https/registry.example.com/packages/x.whl",
    "https://registry.example.com/base/simple/../x%20y.whl, x%20y.whl",
    "'https://registry.example.com/base/x y[1].whl', x%20y%5B1%5D.whl",
    "http://registry.example.com/base/x.whl?a=b#c, 'x.whl?a=b#c'",
    "https://other.example.com, _files/https/other.example.com",
    "https://other.example.com:443/x, _files/https/other.example.com/x",
    "https://OTHER.example.com:8443/x, _files/https/other.example.com~8443/x"
  })
  void links_areResolvedLikeClientsDo(String href, String led) {
    assertThat(lead(href)).isEqualTo(HERE + led);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci://registry.example.com/base/x",
        "mailto:a@example.com",
        "https://a@files.example.com/x",
        "https://[::1]/x",
        "https:///x"
      })
  void linksThatLeadNowhere_stay(String href) {
    assertThat(lead(href)).isEqualTo(href);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_files/https/evil.example.com?x/doc.json",
        "_files/HTTPS/x.example.com/a",
        "_files/https/X.example.com/a",
        "_files/https/x.example.com~443/a",
        "_files/https/x.example.com~0443/a",
        "_files/https/x.example.com~/a",
        "_files/https/a@x.example.com/a",
        "_files/https/%78.example.com/a",
        "_files/https/[::1]/a",
        "_files/ftp/x.example.com/a",
        "_files/https//a",
        "_files/https/x.example.com"
      })
  void linkedFile_hasOneSpelling(String path) {
    assertThat(LinkedFile.parse(path)).isNull();
  }

  @Test
  void hostsThatAreTooMany_areNotLedTo_butForThoseOfTheSettings() {
    String other = "https://other.example.com/x.whl";

    assertThat(lead(other, false)).isEqualTo(other);
    assertThat(lead("https://listed.example.com/x.whl", false))
        .isEqualTo(HERE + "_files/https/listed.example.com/x.whl");
  }
}
