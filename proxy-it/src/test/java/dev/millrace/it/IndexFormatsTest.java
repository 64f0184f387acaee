package dev.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Rig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Indexes of the other package types, with files on another host, one of them tampered with. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IndexFormatsTest {
  private static final String JSON = "Content-Type: application/json";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .remoteOf("pypi", "pypi", "${origin}/base", "allow_private_redirects: true")
          .remoteOf("helm", "helm", "${origin}/base", "file_hosts: ['127.0.0.1:${elsewherePort}']")
          .remoteOf("cargo", "cargo", "${origin}/base", "allow_private_redirects: true")
          .remoteOf("terraform", "terraform", "${origin}/base", "releases_remote: releases")
          .remote("releases", "${elsewhere}/base")
          .remoteOf("puppet", "puppet", "${origin}/base");

  private static String hash(byte[] bytes) {
    return Folder.hash("SHA-256", bytes);
  }

  /** So small that it is caught before the first byte leaves. */
  private static void assertCaught(Answer answer) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.text()).contains("digest-mismatch");
  }

  @Test
  void pypi_bothShapes_leadThroughHere_andPipsMetadataIsHeldToItsPromise() {
    byte[] wheel = "wheel".getBytes(UTF_8);
    String page =
        "<a href=\"../../packages/d-1.0-py3-none-any.whl#sha256=%s\" data-core-metadata=\"sha256=%s\">d</a>"
            .formatted(hash(wheel), hash("metadata".getBytes(UTF_8)));
    String json =
        "{\"files\":[{\"url\":\"%s/base/e-1.0.tar.gz\",\"hashes\":{\"sha256\":\"%s\"}}]}"
            .formatted(rig.elsewhere().url(), hash("tampered with".getBytes(UTF_8)));
    rig.origin()
        .at(
            "/simple/d/",
            exchange -> {
              boolean asJson = String.valueOf(exchange.request().first("Accept")).contains("+json");
              Content content =
                  asJson
                      ? Content.of(json).with("Content-Type: application/vnd.pypi.simple.v1+json")
                      : Content.of(page).with(HTML);
              content.answer(exchange);
            })
        .at("/packages/d-1.0-py3-none-any.whl", Content.of(Body.of(wheel)))
        .at("/packages/d-1.0-py3-none-any.whl.metadata", Content.of("tampered"));
    rig.elsewhere().at("/e-1.0.tar.gz", Content.of("sdist"));

    Answer html = rig.through("pypi", "simple/d/");
    Answer asJson =
        rig.through(
            "pypi", "simple/d/", "Accept: application/vnd.pypi.simple.v1+json, text/html;q=0.1");

    String file = rig.linked("/e-1.0.tar.gz");
    assertThat(html.text())
        .contains("\"" + rig.address("pypi") + "packages/d-1.0-py3-none-any.whl#sha256=");
    assertThat(asJson.text()).contains("\"" + rig.address("pypi") + file + "\"");
    assertThat(rig.through("pypi", "packages/d-1.0-py3-none-any.whl").text()).isEqualTo("wheel");
    assertCaught(rig.through("pypi", "packages/d-1.0-py3-none-any.whl.metadata"));
    assertCaught(rig.through("pypi", file));
  }

  @Test
  void helm_chartsOfAListedHost_leadThroughHere_andAreHeldToTheirDigest() {
    byte[] chart = "chart".getBytes(UTF_8);
    rig.origin()
        .at(
            "/index.yaml",
            Content.of(
                    """
                    apiVersion: v1
                    entries:
                      demo:
                      - digest: %s
                        urls:
                        - %s/base/demo-1.0.0.tgz
                        version: 1.0.0
                      other:
                      - digest: %s
                        urls:
                        - other-1.0.0.tgz
                        version: 1.0.0
                    """
                        .formatted(hash(chart), rig.elsewhere().url(), hash(chart)))
                .with("Content-Type: text/yaml"))
        .at("/other-1.0.0.tgz", Content.of("tampered"));
    rig.elsewhere().at("/demo-1.0.0.tgz", Content.of(Body.of(chart)));

    Answer index = rig.through("helm", "index.yaml");

    String file = rig.linked("/demo-1.0.0.tgz");
    assertThat(index.text())
        .contains("- " + rig.address("helm") + file + "\n", "- other-1.0.0.tgz\n");
    assertThat(rig.through("helm", file).text()).isEqualTo("chart");
    assertCaught(rig.through("helm", "other-1.0.0.tgz"));
  }

  @Test
  void cargo_cratesElsewhere_leadThroughHere_andAreHeldToTheirChecksum() {
    byte[] crate = "crate".getBytes(UTF_8);
    String files = rig.linked("/crates");
    rig.origin()
        .at(
            "/config.json",
            Content.of("{\"dl\":\"" + rig.elsewhere().url() + "/base/crates\"}").with(JSON))
        .at(
            "/de/mo/demo",
            Content.of(
                "{\"name\":\"demo\",\"vers\":\"1.0.0\",\"cksum\":\"%1$s\"}\n{\"name\":\"demo\",\"vers\":\"2.0.0\",\"cksum\":\"%1$s\"}\n"
                    .formatted(hash(crate))));
    rig.elsewhere()
        .at("/crates/demo/1.0.0/download", Content.of(Body.of(crate)))
        .at("/crates/demo/2.0.0/download", Content.of("tampered"));

    Answer config = rig.through("cargo", "config.json");
    rig.through("cargo", "de/mo/demo");

    assertThat(config.text()).isEqualTo("{\"dl\":\"" + rig.address("cargo") + files + "\"}");
    assertThat(rig.through("cargo", files + "/demo/1.0.0/download").text()).isEqualTo("crate");
    assertCaught(rig.through("cargo", files + "/demo/2.0.0/download"));
  }

  @Test
  void terraform_archivesOfItsReleases_areHeldToTheirSum() {
    byte[] archive = "archive".getBytes(UTF_8);
    String document = "{\"download_url\":\"%s/base/%s.zip\",\"shasum\":\"%s\"}";
    rig.origin()
        .at(
            "/v1/providers/a/b/1.0.0/download/linux/amd64",
            Content.of(document.formatted(rig.elsewhere().url(), "good", hash(archive))).with(JSON))
        .at(
            "/v1/providers/a/b/2.0.0/download/linux/amd64",
            Content.of(document.formatted(rig.elsewhere().url(), "bad", hash(archive))).with(JSON));
    rig.elsewhere()
        .at("/good.zip", Content.of(Body.of(archive)))
        .at("/bad.zip", Content.of("tampered"));

    Answer good = rig.through("terraform", "v1/providers/a/b/1.0.0/download/linux/amd64");
    rig.through("terraform", "v1/providers/a/b/2.0.0/download/linux/amd64");

    assertThat(good.text()).contains("\"" + rig.address("releases") + "good.zip\"");
    assertThat(rig.through("releases", "good.zip").text()).isEqualTo("archive");
    assertCaught(rig.through("releases", "bad.zip"));
  }

  @Test
  void puppet_archives_areHeldToTheirSum() {
    byte[] archive = "archive".getBytes(UTF_8);
    rig.origin()
        .at(
            "/v3/releases",
            Content.of(
                    "{\"results\":[{\"file_uri\":\"/v3/files/a-1.0.0.tar.gz\",\"file_sha256\":\"%1$s\"},{\"file_uri\":\"/v3/files/b-1.0.0.tar.gz\",\"file_sha256\":\"%1$s\"}]}"
                        .formatted(hash(archive)))
                .with(JSON))
        .at("/v3/files/a-1.0.0.tar.gz", Content.of(Body.of(archive)))
        .at("/v3/files/b-1.0.0.tar.gz", Content.of("tampered"));

    Answer releases = rig.through("puppet", "v3/releases?module=a");

    assertThat(releases.text()).contains(rig.address("puppet") + "v3/files/a-1.0.0.tar.gz");
    assertThat(rig.through("puppet", "v3/files/a-1.0.0.tar.gz").text()).isEqualTo("archive");
    assertCaught(rig.through("puppet", "v3/files/b-1.0.0.tar.gz"));
  }
}
