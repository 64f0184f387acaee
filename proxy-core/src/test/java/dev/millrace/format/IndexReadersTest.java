package dev.millrace.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes in the shapes that their formats' documentation shows. */
final class IndexReadersTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String OTHER_HEX = "fedcba9876543210".repeat(4);
  private static final String SHA_1 = "0123456789".repeat(4);
  private static final String BASE = "https://registry.example.com/base";
  private static final String HERE = "http://here.example.com:8000/api/v1/remote/gen/";
  private static final String JSON = "application/json";

  private static final RemoteSettings RELEASES =
      new RemoteDraft()
          .of("generic", URI.create("https://releases.example.org/dist"))
          .named("releases")
          .settings();

  private final List<Promise> promises = new ArrayList<>();
  private final List<String> origins = new ArrayList<>();

  private String read(Format format, String path, String type, String text, String... fileHosts)
      throws IOException {
    RemoteSettings remote =
        new RemoteDraft().of(format.name(), URI.create(BASE)).fileHosts(fileHosts).settings();
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    Objects.requireNonNull(format.index(path, type))
        .copy(
            new ByteArrayInputStream(text.getBytes(UTF_8)),
            copy,
            new RemoteLinks(
                remote,
                RELEASES,
                format,
                path,
                "http://here.example.com:8000",
                new RemoteLinks.Told(promises::add, origins::add)));
    return copy.toString(UTF_8);
  }

  private List<String> promised() {
    return promises.stream().map(promise -> promise.name() + " " + promise.digest()).toList();
  }

  @Test
  void npm_fullDocument_leadsEachTarball_andLearnsTheStrongest() throws IOException {
    String copy =
        read(
            new NpmFormat(),
            "@scope%2fname",
            JSON,
            """
            {"name":"@scope/name","number":1.50,"versions":{
              "1.0.0":{"dist":{"tarball":"https://registry.example.com/base/@scope/name/-/name-1.0.0.tgz",
                "shasum":"%s","integrity":"sha512-%s other-x"},"nested":{"dist":{"tarball":"stays"}}},
              "2.0.0":{"dist":{"tarball":"http://cdn.example.net:8081/n-2.0.0.tgz?a=b"}}},
             "readme":"https://registry.example.com/base/x"}
            """
                .formatted(SHA_1, "A".repeat(86) + "=="));

    assertThat(copy)
        .isEqualTo(
            """
            {"name":"@scope/name","number":1.50,"versions":{"1.0.0":{"dist":{"tarball":"%s@scope/name/-/name-1.0.0.tgz",\
            "shasum":"%s","integrity":"sha512-%s other-x"},"nested":{"dist":{"tarball":"stays"}}},\
            "2.0.0":{"dist":{"tarball":"%s_files/http/cdn.example.net~8081/n-2.0.0.tgz?a=b"}}},\
            "readme":"https://registry.example.com/base/x"}\
            """
                .formatted(HERE, SHA_1, "A".repeat(86) + "==", HERE));
    assertThat(promised())
        .containsExactly("@scope/name/-/name-1.0.0.tgz sha512:" + "0".repeat(128));
    assertThat(origins).containsExactly("http://cdn.example.net:8081");
  }

  @Test
  void npm_oneVersion_leadsItsTarball() throws IOException {
    assertThat(
            read(
                new NpmFormat(),
                "name/1.0.0",
                JSON,
                "{\"dist\":{\"tarball\":\"" + BASE + "/name/-/name-1.0.0.tgz\"}}"))
        .isEqualTo("{\"dist\":{\"tarball\":\"" + HERE + "name/-/name-1.0.0.tgz\"}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"versions\":{\"1\":{\"dist\":{\"tarball\":", "no json", "[}"})
  void npm_malformed_isSaidToBe(String text) {
    assertThatThrownBy(() -> read(new NpmFormat(), "name", JSON, text))
        .isInstanceOf(MalformedIndexException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "npm, name, application/json, '{\"versions\":{\"1\":{\"dist\":{\"a\":[', '[],'",
    "pypi, simple/a/, application/json, '{\"files\":[{\"a\":[', '[],'",
    "pypi, simple/a/, text/html, '<a href=\"x\">', 'text '",
    "pypi, simple/a/, text/html, '', '<div>'",
    "helm, index.yaml, text/yaml, 'entries: {a: [{b: [', '[],'",
    "helm, index.yaml, text/yaml, 'entries: ', '['",
    "helm, index.yaml, text/yaml, 'entries: \"', 'x'",
    "cargo, ab/cd/abcd, text/plain, '', 'x'",
    "puppet, v3/modules/a, application/json, '{\"a\":[', '[],'",
    "terraform, v1/providers/a/b/1/download/c/d, application/json, '{\"a\":[', '[],'"
  })
  void entriesThatNeverEnd_areRefused_beforeTheyFillTheMemory(
      String format, String path, String type, String start, String more) {
    String text = start + more.repeat((9 << 20) / more.length());

    assertThatThrownBy(() -> read(Objects.requireNonNull(Formats.named(format)), path, type, text))
        .isInstanceOf(MalformedIndexException.class);
  }

  @Test
  void pypi_html_isWrittenAnew_withLedLinks() throws IOException {
    String copy =
        read(
            new PypiFormat(),
            "simple/demo",
            "text/html; charset=UTF-8",
            """
            <!DOCTYPE html>
            <html><head><meta name="pypi:repository-version" content="1.1"><title>Links for demo</title></head>
            <body><h1>Links for demo</h1>
            <a href="../../packages/demo-1.0-py3-none-any.whl#sha256=%s" data-requires-python="&gt;=3.8"
               data-core-metadata="sha256=%s">demo-1.0-py3-none-any.whl</a><br/>
            <a href="https://files.example.net/d/demo-1.0.tar.gz#md5=nothex">demo-1.0.tar.gz</a><br/>
            <script>alert(1)</script>
            </body></html>
            """
                .formatted(HEX, OTHER_HEX));

    assertThat(copy)
        .isEqualTo(
            """
            <!DOCTYPE html>
            <html>
            <meta name="pypi:repository-version" content="1.1">
            <title>Links for demo</title>
            <h1>Links for demo</h1>
            <a href="%spackages/demo-1.0-py3-none-any.whl#sha256=%s" data-requires-python="&gt;=3.8" \
            data-core-metadata="sha256=%s">demo-1.0-py3-none-any.whl</a><br>
            <a href="%s_files/https/files.example.net/d/demo-1.0.tar.gz#md5=nothex">demo-1.0.tar.gz</a><br>
            </html>
            """
                .formatted(HERE, HEX, OTHER_HEX, HERE));
    assertThat(promised())
        .containsExactly(
            "packages/demo-1.0-py3-none-any.whl.metadata sha256:" + OTHER_HEX,
            "packages/demo-1.0-py3-none-any.whl sha256:" + HEX);
  }

  @Test
  void pypi_htmlWithABase_isNotRead() {
    assertThatThrownBy(() ->
            read(
                new PypiFormat(),
                "simple/demo/",
                "text/html",
                "<html><head><base href=\"https://x/\"></head><a href=\"y.whl\">y</a></html>"))
        .isInstanceOf(MalformedIndexException.class);
  }

  @Test
  void pypi_json_leadsUrls_andLearnsFilesAndMetadata() throws IOException {
    String copy =
        read(
            new PypiFormat(),
            "simple/demo/",
            "application/vnd.pypi.simple.v1+json",
            """
            {"meta":{"api-version":"1.1"},"files":[{"filename":"d.whl","url":"https://files.example.net/d.whl",
            "hashes":{"sha256":"%s"},"core-metadata":{"sha256":"%s"},"size":3}]}\
            """
                .formatted(HEX, OTHER_HEX));

    assertThat(copy).contains("\"url\":\"" + HERE + "_files/https/files.example.net/d.whl\"");
    assertThat(promised())
        .containsExactly(
            "_files/https/files.example.net/d.whl.metadata sha256:" + OTHER_HEX,
            "_files/https/files.example.net/d.whl sha256:" + HEX);
  }

  private static final String CHARTS =
      """
      apiVersion: v1
      entries:
        demo:
        - apiVersion: v2
          annotations:
            urls: none
          dependencies:
          - name: other
            urls:
            - https://registry.example.com/base/not-a-chart
          digest: %s
          name: demo
          urls:
          - https://registry.example.com/base/charts/demo-1.0.0.tgz
          - demo-1.0.0.tgz
          - https://charts.example.net/demo-1.0.0.tgz
          version: 1.0.0
        empty: []
      generated: "2026-01-01T00:00:00Z"
      """
          .formatted(HEX);

  @Test
  void npm_documentOfOnePackage_promisesNothingOfAnother() throws IOException {
    read(
        new NpmFormat(),
        "evil",
        JSON,
        "{\"dist\":{\"tarball\":\""
            + BASE
            + "/lodash/-/lodash-1.0.0.tgz\",\"shasum\":\""
            + SHA_1
            + "\"}}");

    assertThat(promises).isEmpty();
  }

  @Test
  void cargo_fileOfOneCrate_promisesNothingOfAnother() {
    String line = "{\"name\":\"other\",\"vers\":\"1.0.0\",\"cksum\":\"" + HEX + "\"}\n";

    assertThatThrownBy(() -> read(new CargoFormat(), "de/mo/demo", "text/plain", line))
        .isInstanceOf(MalformedIndexException.class);
    assertThat(promises).isEmpty();
  }

  @Test
  void puppet_rootedLink_isBelowTheForge() throws IOException {
    assertThat(
            read(
                new PuppetFormat(),
                "v3/releases/a-b-1.0.0",
                JSON,
                "{\"file_uri\":\"/v3/files/a-b-1.0.0.tar.gz\"}"))
        .isEqualTo("{\"file_uri\":\"" + HERE + "v3/files/a-b-1.0.0.tar.gz\"}");
  }

  @Test
  void helm_urlsThatAreNoList_stay() throws IOException {
    String copy =
        read(
            new HelmFormat(),
            "index.yaml",
            "",
            "entries:\n  a:\n  - urls:\n    home: " + BASE + "/x.tgz\n    digest: " + HEX + "\n");

    assertThat(copy).contains(BASE + "/x.tgz");
    assertThat(promises).isEmpty();
  }

  @Test
  void helm_leadsOwnLinks_leavesRelativeOnes_andOtherHosts() throws IOException {
    String copy = read(new HelmFormat(), "index.yaml", "text/yaml", CHARTS);

    assertThat(copy)
        .contains("- " + HERE + "charts/demo-1.0.0.tgz\n")
        .contains("- demo-1.0.0.tgz\n")
        .contains("- https://charts.example.net/demo-1.0.0.tgz\n")
        .contains("- https://registry.example.com/base/not-a-chart\n")
        .contains("version: 1.0.0\n")
        .contains("generated: \"2026-01-01T00:00:00Z\"");
    assertThat(promised())
        .containsExactly("charts/demo-1.0.0.tgz sha256:" + HEX, "demo-1.0.0.tgz sha256:" + HEX);
    assertThat(origins).isEmpty();
  }

  @Test
  void helm_leadsOtherHosts_thatTheSettingsName() throws IOException {
    assertThat(read(new HelmFormat(), "index.yaml", "", CHARTS, "charts.example.net"))
        .contains("- " + HERE + "_files/https/charts.example.net/demo-1.0.0.tgz\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [", "a: b", "\t- x", "", "entries: {a: [{b: ]}"})
  void helm_malformed_isSaidToBe(String text) {
    assertThatThrownBy(() -> read(new HelmFormat(), "index.yaml", "text/yaml", text))
        .isInstanceOf(MalformedIndexException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "https://static.example.net/crates, _files/https/static.example.net/crates",
    "https://registry.example.com/base/api/v1/crates, api/v1/crates",
    "'https://static.example.net/{prefix}/{crate}-{version}.crate', '_files/https/static.example.net/{prefix}/{crate}-{version}.crate'"
  })
  void cargo_config_leadsTheBeginningOfDl(String dl, String led) throws IOException {
    assertThat(
            read(
                new CargoFormat(),
                "config.json",
                JSON,
                "{\"dl\":\"" + dl + "\",\"api\":\"https://registry.example.com\"}"))
        .isEqualTo("{\"dl\":\"" + HERE + led + "\",\"api\":\"https://registry.example.com\"}");
  }

  @Test
  void cargo_crate_isCopied_andItsVersionsAreLearned() throws IOException {
    String lines = "{\"name\":\"demo\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"" + HEX + "\"}\n";

    assertThat(read(new CargoFormat(), "de/mo/demo", "text/plain", lines)).isEqualTo(lines);
    assertThat(promised()).containsExactly("demo-1.0.0.crate sha256:" + HEX);
  }

  @ParameterizedTest
  @CsvSource({
    "crates/demo-1.0.0.crate",
    "api/v1/crates/demo/1.0.0/download",
    "_files/https/static.example.net/crates/demo/1.0.0/download"
  })
  void cargo_crate_isKnownByItsFile(String path) {
    CargoFormat cargo = new CargoFormat();

    assertThat(cargo.promisedAs(path)).isEqualTo("demo-1.0.0.crate");
    assertThat(cargo.classify(path)).isEqualTo(ContentClass.IMMUTABLE);
  }

  @Test
  void terraform_package_leadsThroughTheRemoteOfItsReleases_orElsewhere() throws IOException {
    String copy =
        read(
            new TerraformFormat(),
            "v1/providers/a/b/1.0.0/download/linux/amd64",
            JSON,
            """
            {"filename":"b.zip","download_url":"https://releases.example.org/dist/b/1.0.0/b.zip","shasum":"%s",
            "shasums_url":"https://other.example.org/b_SHA256SUMS",
            "shasums_signature_url":"/base/b_SHA256SUMS.sig"}\
            """
                .formatted(HEX));

    assertThat(copy)
        .contains("\"http://here.example.com:8000/api/v1/remote/releases/b/1.0.0/b.zip\"")
        .contains("\"" + HERE + "_files/https/other.example.org/b_SHA256SUMS\"")
        .contains("\"" + HERE + "b_SHA256SUMS.sig\"");
    assertThat(promises)
        .containsExactly(new Promise("releases", "b/1.0.0/b.zip", Digest.sha256(HEX)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s",
        "{\"slug\":\"a-b\",\"current_release\":%s}",
        "{\"slug\":\"a-b\",\"releases\":[%s]}",
        "{\"pagination\":{},\"results\":[%s]}",
        "{\"pagination\":{},\"results\":[{\"current_release\":%s}]}"
      })
  void puppet_release_isLed_whereverItStands(String around) throws IOException {
    String release = "{\"file_uri\":\"%s\",\"file_sha256\":\"" + HEX + "\"}";

    assertThat(
            read(
                new PuppetFormat(),
                "v3/modules/a-b",
                "application/json; charset=utf-8",
                around.formatted(release.formatted("/base/v3/files/a-b-1.0.0.tar.gz"))))
        .isEqualTo(around.formatted(release.formatted(HERE + "v3/files/a-b-1.0.0.tar.gz")));
    assertThat(promised()).containsExactly("v3/files/a-b-1.0.0.tar.gz sha256:" + HEX);
  }

  @Test
  void puppet_absoluteLink_isLed_andAnotherHostLeftAlone() throws IOException {
    String copy =
        read(
            new PuppetFormat(),
            "v3/releases",
            JSON,
            """
            {"results":[{"file_uri":"https://registry.example.com/base/v3/files/a.tar.gz"},
            {"file_uri":"https://other.example.com/b.tar.gz"}]}\
            """);

    assertThat(copy)
        .contains("\"" + HERE + "v3/files/a.tar.gz\"")
        .contains("\"https://other.example.com/b.tar.gz\"");
  }

  @ParameterizedTest
  @CsvSource({
    "puppet, v3/modules/a-b, MUTABLE, true",
    "puppet, v3/releases, MUTABLE, true",
    "puppet, v3/users/a, MUTABLE, false",
    "puppet, v3/files/a-b-1.0.0.tar.gz, IMMUTABLE, false",
    "terraform, .well-known/terraform.json, MUTABLE, false",
    "terraform, v1/providers/a/b/versions, MUTABLE, false",
    "terraform, v1/modules/a/b/c/versions, MUTABLE, false",
    "terraform, v1/providers/a/b/1.0.0/download/linux/amd64, IMMUTABLE, true",
    "terraform, b_1.0.0_linux_amd64.zip, IMMUTABLE, false",
    "terraform, _files/https/x.example.org/b_SHA256SUMS, IMMUTABLE, false",
    "npm, lodash, MUTABLE, true",
    "npm, @types/node, MUTABLE, true",
    "npm, @types%2fnode, MUTABLE, true",
    "npm, lodash/4.17.21, MUTABLE, true",
    "npm, lodash/-/lodash-4.17.21.tgz, IMMUTABLE, false",
    "npm, @types/node/-/node-1.0.0.tgz, IMMUTABLE, false",
    "npm, _files/https/cdn.example.net/n-2.0.0.tgz, IMMUTABLE, false",
    "npm, -/package/lodash/dist-tags, MUTABLE, false",
    "npm, -/v1/search, PASS_THROUGH, false",
    "npm, -/npm/v1/security/advisories/bulk, PASS_THROUGH, false",
    "pypi, simple/, MUTABLE, true",
    "pypi, simple/demo/, MUTABLE, true",
    "pypi, simple/demo, MUTABLE, true",
    "pypi, pypi/demo/json, MUTABLE, true",
    "pypi, packages/aa/demo-1.0-py3-none-any.whl, IMMUTABLE, false",
    "pypi, packages/aa/demo-1.0-py3-none-any.whl.metadata, IMMUTABLE, false",
    "pypi, _files/https/files.pythonhosted.org/packages/demo-1.0.tar.gz, IMMUTABLE, false",
    "pypi, _files/https/files.pythonhosted.org/packages/odd, IMMUTABLE, false",
    "helm, index.yaml, MUTABLE, true",
    "helm, stable/index.yaml, MUTABLE, true",
    "helm, demo-1.0.0.tgz, IMMUTABLE, false",
    "helm, demo-1.0.0.tgz.prov, IMMUTABLE, false",
    "helm, artifacthub-repo.yml, MUTABLE, false",
    "helm, charts/, PASS_THROUGH, false",
    "cargo, config.json, MUTABLE, true",
    "cargo, se/rd/serde, MUTABLE, true",
    "cargo, 1/a, MUTABLE, true",
    "cargo, 3/a/abc, MUTABLE, true",
    "cargo, crates/a/1.0.0/a.tar.gz, PASS_THROUGH, false",
    "cargo, _files/https/x.example.org/a, IMMUTABLE, false",
    "cargo, api/v1/crates, PASS_THROUGH, false",
    "cargo, crates/serde/serde-1.0.0.crate, IMMUTABLE, false"
  })
  void paths_haveTheClassOfTheirFormat(
      String format, String path, ContentClass expected, boolean index) {
    Format rules = Objects.requireNonNull(Formats.named(format));

    assertThat(rules.classify(path)).isEqualTo(expected);
    assertThat(rules.isIndex(path)).isEqualTo(index);
  }

  @ParameterizedTest
  @CsvSource({
    "npm, @a%2fb/-/b-1.tgz, @a/b/-/b-1.tgz",
    "pypi, packages/a-1%2Bcpu.whl, packages/a-1+cpu.whl",
    "pypi, packages/a-1+cpu.whl, packages/a-1+cpu.whl",
    "cargo, a/a-1.0.0%2Bb.crate, a-1.0.0+b.crate",
    "helm, a%zz.tgz, a%zz.tgz"
  })
  void promises_areKnownByPaths_howeverTheseAreEscaped(String format, String path, String name) {
    assertThat(Objects.requireNonNull(Formats.named(format)).promisedAs(path)).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "npm, lodash, 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*', abbreviated",
    "npm, lodash, application/json, ''",
    "npm, lodash/-/lodash-1.0.0.tgz, '*/*', ''",
    "pypi, simple/demo/, 'application/vnd.pypi.simple.v1+json, text/html; q=0.01', json",
    "pypi, simple/demo/, text/html, ''",
    "pypi, simple/demo/, '', ''"
  })
  void accept_choosesAmongTheShapesThereAre(
      String format, String path, String accept, @Nullable String variant) {
    Choice choice =
        Objects.requireNonNull(Formats.named(format)).choose(path, () -> List.of(accept));

    assertThat(choice.variant()).isEqualTo(variant);
  }
}
