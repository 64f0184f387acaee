package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.BesideOthers;
import dev.millrace.it.rig.ClientSetup;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Real clients and real upstreams, as this machine is set up for them: their addresses come from
 * the clients' own configuration. What is not set up or cannot be reached fails its test, by name:
 * silence would look like success.
 */
@BesideOthers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealClientsTest {
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(4);
  private static final Duration REACH_LIMIT = Duration.ofSeconds(15);
  private static final String MISSING = "client configuration that this machine needs: %s";
  private static final String NOWHERE = "http://127.0.0.1:9/";
  private static final String TARBALL = "left-pad/-/left-pad-1.3.0.tgz";

  private final Optional<String> central = ClientSetup.mavenCentral();
  private final Optional<String> npm = ClientSetup.npmRegistry();
  private final Optional<String> debian = ClientSetup.debianPackage("hello");
  private final Folder work = Folder.create();

  @RegisterExtension
  final Rig rig =
      machineProxies(
          Rig.with()
              .remoteOf("maven", "central", central.orElse(NOWHERE), "negative_ttl: 3600")
              .remoteOf("npm", "npm", npm.map(RealClientsTest::withoutSlash).orElse(NOWHERE))
              .remoteOf("deb", "deb", debian.map(RealClientsTest::site).orElse(NOWHERE)));

  /** The way out of this machine is the machine's own. */
  private static Rig machineProxies(Rig rig) {
    for (String name : List.of("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")) {
      String value = System.getenv(name);
      if (value != null) {
        rig.env(name, value);
      }
    }
    return rig;
  }

  private static String site(String url) {
    URI uri = URI.create(url);
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  @AfterAll
  void deleteWork() {
    work.delete();
  }

  @Test
  void maven_buildsASmallProjectTwice_theSecondTimeWithoutTheUpstream() throws IOException {
    assertThat(central)
        .as(MISSING, "Maven's (settings.xml, or what the installation names)")
        .isPresent();
    Path project = project();

    Run first = build(project, "repo-1");
    assertThat(first.exitCode()).as(first.output()).isZero();
    rig.awaitIdle();
    int linesBefore = rig.millrace().output().size();
    double fetchesBefore = fetches();
    Run second = build(project, "repo-2");

    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(project.resolve("target/small-1.jar")).exists();
    List<String> lines = rig.millrace().output();
    assertThat(lines.subList(linesBefore, lines.size()))
        .filteredOn(line -> line.contains("\"remote\":\"central\""))
        .hasSizeGreaterThan(20)
        .filteredOn(line -> line.contains("\"status\":200"))
        .allMatch(line -> line.contains("\"source\":\"cache\""));
    assertThat(fetches()).isEqualTo(fetchesBefore);
  }

  private double fetches() {
    return rig.millrace().metrics().sum("millrace_fetches_total");
  }

  private Path project() throws IOException {
    Path project = work.root().resolve("small");
    Path sources = Files.createDirectories(project.resolve("src/main/java/small"));
    Files.writeString(
        sources.resolve("Small.java"), "package small;\n\npublic final class Small {}\n");
    Files.writeString(
        project.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>small</groupId>
          <artifactId>small</artifactId>
          <version>1</version>
          <properties>
            <maven.compiler.source>8</maven.compiler.source>
            <maven.compiler.target>8</maven.compiler.target>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
          <dependencies>
            <dependency>
              <groupId>org.jspecify</groupId>
              <artifactId>jspecify</artifactId>
              <version>1.0.0</version>
            </dependency>
          </dependencies>
        </project>
        """);
    return project;
  }

  private Run build(Path project, String repository) {
    String mirror = "http://127.0.0.1:" + rig.millrace().port() + "/api/v1/remote/central";
    Path settings =
        work.write(
            "settings.xml",
            """
            <settings>
              <mirrors>
                <mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror>
              </mirrors>
            </settings>
            """
                .formatted(mirror));
    List<String> command =
        List.of(
            "mvn",
            "-B",
            "-s",
            settings.toString(),
            "-gs",
            settings.toString(),
            "-Dmaven.repo.local=" + work.root().resolve(repository),
            "clean",
            "package");
    Map<String, String> env = Map.of("MAVEN_OPTS", "", "MAVEN_ARGS", "");
    return Run.program(command, project, env, BUILD_LIMIT);
  }

  @Test
  void npm_installsATreeTwice_theSecondTimeWithoutTheUpstream() throws IOException {
    assertThat(npm).as(MISSING, "npm's (npm config get registry)").isPresent();
    Path first = npmProject("npm-1");
    Run installed = npm(first, "install");
    assertThat(installed.exitCode()).as(installed.output()).isZero();
    String lock = Files.readString(first.resolve("package-lock.json"));
    rig.awaitIdle();
    int linesBefore = rig.millrace().output().size();

    Path second = npmProject("npm-2");
    Files.writeString(second.resolve("package-lock.json"), lock);
    Run again = npm(second, "ci");
    rig.awaitIdle();
    double fetchesBefore = fetches();
    Path third = npmProject("npm-3");
    Run resolved = npm(third, "install");

    assertThat(again.exitCode()).as(again.output()).isZero();
    assertThat(resolved.exitCode()).as(resolved.output()).isZero();
    // With a lock file npm asks for the full documents, which are others than the abbreviated ones.
    assertThat(rig.millrace().output().subList(linesBefore, rig.millrace().output().size()))
        .filteredOn(line -> line.contains(".tgz\""))
        .hasSizeGreaterThan(10)
        .allMatch(line -> line.contains("\"source\":\"cache\""));
    assertThat(fetches()).isEqualTo(fetchesBefore);
    assertThat(lock).contains("\"integrity\": \"sha512-");
    assertThat(Files.readString(third.resolve("package-lock.json"))).isEqualTo(lock);
    assertThat(second.resolve("node_modules/chalk/package.json")).exists();
    assertThat(rig.millrace().metrics().sum("millrace_digest_mismatches_total")).isZero();
  }

  private Path npmProject(String name) throws IOException {
    Path project = Files.createDirectories(work.root().resolve(name));
    Files.writeString(
        project.resolve("package.json"),
        "{\"name\":\"small\",\"version\":\"1.0.0\",\"dependencies\":{\"chalk\":\"4.1.2\"}}");
    return project;
  }

  private Run npm(Path project, String verb) {
    List<String> command =
        List.of(
            "npm",
            verb,
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--cache",
            project.resolve("cache").toString(),
            "--registry",
            "http://127.0.0.1:" + rig.millrace().port() + "/api/v1/remote/npm/");
    return Run.program(command, project, Map.of(), BUILD_LIMIT);
  }

  private static String withoutSlash(String url) {
    return url.replaceAll("/+$", "");
  }

  @Test
  void apt_updatesAndDownloadsTwice_theSecondTimeFromHere() throws IOException {
    assertThat(debian).as(MISSING, "apt's (apt-get download --print-uris hello)").isPresent();
    Run first = apt("apt-1");
    assertThat(first.exitCode()).as(first.output()).isZero();
    rig.awaitIdle();
    double fetchesBefore = fetches();

    Run second = apt("apt-2");

    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(fetches()).isEqualTo(fetchesBefore);
    assertThat(rig.millrace().metrics().sum("millrace_digest_mismatches_total")).isZero();
  }

  /** Updates and downloads with lists and caches of its own. */
  private Run apt(String name) throws IOException {
    URI url = URI.create(debian.orElseThrow());
    String root = url.getPath().substring(0, url.getPath().indexOf("/pool/"));
    Path folder = work.root().resolve(name);
    Files.createDirectories(folder.resolve("lists/partial"));
    Files.createDirectories(folder.resolve("archives/partial"));
    Files.writeString(folder.resolve("status"), "");
    Files.writeString(
        folder.resolve("sources.list"),
        "deb [trusted=yes] http://127.0.0.1:%d/api/v1/remote/deb%s %s main\n"
            .formatted(rig.millrace().port(), root, ClientSetup.debianSuite()));
    String options =
        " -o Dir::State::lists=%1$s/lists -o Dir::State::status=%1$s/status -o Dir::Cache=%1$s -o Dir::Cache::archives=%1$s/archives -o Dir::Etc::sourcelist=%1$s/sources.list -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Get::List-Cleanup=0 "
            .formatted(folder);
    String script = "apt-get" + options + "update && apt-get" + options + "download hello";
    return Run.program(List.of("sh", "-ec", script), folder, Map.of("LC_ALL", "C"), BUILD_LIMIT);
  }

  @Test
  void npmTarball_isByteIdentical() {
    String path = "/" + TARBALL;
    assertThat(npm).as(MISSING, "npm's (npm config get registry)").isPresent();
    compare("npm", withoutSlash(npm.orElseThrow()) + path, path);
  }

  @Test
  void debianPackage_isByteIdentical() {
    assertThat(debian).as(MISSING, "apt's (apt-get download --print-uris hello)").isPresent();
    String url = debian.orElseThrow();
    compare("deb", url, URI.create(url).getRawPath());
  }

  private void compare(String remote, String url, String path) {
    HttpResponse<byte[]> direct = fetch(url);
    assertThat(direct.statusCode()).as("a direct download of " + url).isEqualTo(200);
    String target = "/api/v1/remote/" + remote + path;
    Answer miss = rig.getTarget(target);
    rig.await("stored", () -> rig.getTarget(target).head().source().equals("cache"));
    Answer hit = rig.getTarget(target);

    assertThat(miss.status()).as(miss.toString()).isEqualTo(200);
    assertThat(miss.body()).isNotEmpty().isEqualTo(direct.body());
    assertThat(hit.mismatch(direct.body())).isEqualTo(-1);
  }

  private static HttpResponse<byte[]> fetch(String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(REACH_LIMIT).build();
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(REACH_LIMIT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new AssertionError("cannot be reached from here: " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
