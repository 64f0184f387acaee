package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings come from a file, the environment and the command line, in this order. */
final class SettingsFileTest {
  private static final long DIRECT = 1L << 30;
  private static final Map<String, String> NO_ENVIRONMENT = Map.of("HOME", "nowhere");

  @TempDir private Path folder;

  @Test
  void nothingGiven_hasTheDefaultsAndListensOnLoopback() throws Exception {
    Settings settings =
        SettingsFile.read(
            new SettingsSources(null, NO_ENVIRONMENT, SettingsSources.Options.NONE), DIRECT);

    assertThat(settings)
        .isEqualTo(
            new Settings(
                new Settings.Listen("127.0.0.1", 8000),
                null,
                Path.of("millrace-data"),
                null,
                100L << 30,
                new SpoolLimits(Duration.ofDays(1), 10L << 30),
                64L << 20,
                Duration.ofSeconds(30),
                "stdout",
                new Settings.Outward(null, Networks.NONE),
                Settings.Transport.AUTO,
                new Settings.Threads(0, 0),
                new ServerLimits(
                    10_000,
                    1024,
                    8 << 10,
                    32 << 10,
                    100,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    1024,
                    100,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(20),
                    8 << 20,
                    32 << 20),
                List.of()));
  }

  @Test
  void shortestRemote_hasTheDefaultsOfTheContract() throws Exception {
    RemoteSettings remote =
        read("""
        remotes:
          - name: files
            package_type: generic
            base_url: https://Files.Example.com:8443/dir/
        """)
            .remotes()
            .getFirst();

    assertThat(remote)
        .isEqualTo(
            new RemoteSettings(
                "files",
                "generic",
                URI.create("https://files.example.com:8443/dir"),
                "",
                "",
                "",
                null,
                Duration.ZERO,
                Duration.ofSeconds(3600),
                Duration.ofSeconds(60),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                true,
                true,
                true,
                Set.of(),
                "",
                RemoteSettings.Verify.ENFORCE,
                true,
                RemoteSettings.CompletePartial.AUTO,
                1,
                true,
                32,
                new RemoteSettings.OriginTimeouts(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60)),
                null,
                false,
                false));
  }

  @Test
  void everyKeyOfARemote_isRead() throws Exception {
    RemoteSettings remote =
        read("""
        remotes:
          - name: a.b-c_9
            package_type: generic
            repo_type: remote
            base_url: http://[2001:db8::1]/x/y
            description: "quoted: text"
            username: 12345
            password: "0123"
            immutable_ttl: 7d
            mutable_ttl: 0
            negative_ttl: 250ms
            patterns: ["^a/", 'b\\.bin$']
            blocklist: [secret]
            mutable_patterns:
              - latest
            immutable_patterns: []
            ban_tags_enabled: true
            ban_tags: [latest]
            check_mutable: false
            stale_on_error: false
            rewrite_links: false
            releases_remote: a.b-c_9
            file_hosts: [Files.example.com, "mirror.example.com:8443"]
            verify: report
            early_range: false
            complete_partial: never
            parallel_segments: 4
            fill_after_disconnect: false
            max_connections: 5
            upstream_dial_timeout: 1
            upstream_tls_timeout: 2s
            upstream_response_header_timeout: 3m
            idle_timeout: 4h
            allow_private_redirects: true
            allow_insecure_redirects: true
        """)
            .remotes()
            .getFirst();

    assertThat(remote.name()).isEqualTo("a.b-c_9");
    assertThat(remote.baseUrl()).isEqualTo(URI.create("http://[2001:db8::1]/x/y"));
    assertThat(remote.description()).isEqualTo("quoted: text");
    assertThat(remote.username()).isEqualTo("12345");
    assertThat(remote.password()).isEqualTo("0123");
    assertThat(remote.immutableTtl()).isEqualTo(Duration.ofDays(7));
    assertThat(remote.mutableTtl()).isZero();
    assertThat(remote.negativeTtl()).isEqualTo(Duration.ofMillis(250));
    assertThat(remote.patterns())
        .containsExactly(Pattern.compile("^a/"), Pattern.compile("b\\.bin$"));
    assertThat(remote.blocklist()).containsExactly(Pattern.compile("secret"));
    assertThat(remote.mutablePatterns()).containsExactly(Pattern.compile("latest"));
    assertThat(remote.immutablePatterns()).isEmpty();
    assertThat(remote.banTags()).containsExactly(Pattern.compile("latest"));
    assertSwitches(remote);
  }

  private static void assertSwitches(RemoteSettings remote) {
    assertThat(remote.checkMutable()).isFalse();
    assertThat(remote.staleOnError()).isFalse();
    assertThat(remote.releasesRemote()).isEqualTo("a.b-c_9");
    assertThat(remote.rewriteLinks()).isFalse();
    assertThat(remote.fileHosts())
        .containsExactlyInAnyOrder("files.example.com", "mirror.example.com:8443");
    assertThat(remote.verify()).isEqualTo(RemoteSettings.Verify.REPORT);
    assertThat(remote.earlyRange()).isFalse();
    assertThat(remote.completePartial()).isEqualTo(RemoteSettings.CompletePartial.NEVER);
    assertThat(remote.parallelSegments()).isEqualTo(4);
    assertThat(remote.fillAfterDisconnect()).isFalse();
    assertThat(remote.maxConnections()).isEqualTo(5);
    assertThat(remote.timeouts())
        .isEqualTo(
            new RemoteSettings.OriginTimeouts(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofMinutes(3),
                Duration.ofHours(4)));
    assertThat(remote.allowPrivateRedirects()).isTrue();
    assertThat(remote.allowInsecureRedirects()).isTrue();
  }

  @Test
  void environment_overridesTheFile_andOptionsOverrideBoth() throws Exception {
    Path file =
        file(
            """
            listen: 127.0.0.1:1
            data_dir: from-file
            limits: {connections: 3, fills: 3}
            remotes:
              - {name: one, package_type: generic, base_url: "http://one.example.com"}
            """);
    Map<String, String> environment =
        Map.of(
            "MILLRACE_LISTEN", "127.0.0.1:2",
            "MILLRACE_DATA_DIR", "from-environment",
            "MILLRACE_LIMITS_CONNECTIONS", "4",
            "MILLRACE_JAVA_OPTS", "-Xmx1g");

    Settings settings =
        SettingsFile.read(
            new SettingsSources(
                file,
                environment,
                new SettingsSources.Options(
                    "[::1]:3", null, List.of("two=generic:http://two.example.com/a=b:c"))),
            DIRECT);

    assertThat(settings.listen()).isEqualTo(new Settings.Listen("::1", 3));
    assertThat(settings.dataDir()).isEqualTo(Path.of("from-environment"));
    assertThat(settings.limits().connections()).isEqualTo(4);
    assertThat(settings.limits().fills()).isEqualTo(3);
    assertThat(settings.remotes())
        .extracting(RemoteSettings::name, remote -> remote.baseUrl().toString())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", "http://one.example.com"),
            org.assertj.core.groups.Tuple.tuple("two", "http://two.example.com/a=b:c"));
  }

  @Test
  void environment_takesEveryKeyOfTheProcess() throws Exception {
    for (Key<?> key : SettingsSchema.PROCESS) {
      String value = Objects.requireNonNull(key.defaultText());
      if (value.isEmpty()) {
        // Most need another beside them, and all have tests of their own.
        assertThat(key.name()).matches("(tls|catalog)\\..*|public_url|trusted_proxies");
        continue;
      }
      SettingsFile.read(
          new SettingsSources(
              null, Map.of(SettingsFile.variable(key), value), SettingsSources.Options.NONE),
          DIRECT);
    }
    assertThat(SettingsFile.variable(SettingsSchema.REQUEST_HEAD_BYTES))
        .isEqualTo("MILLRACE_LIMITS_REQUEST_HEAD_BYTES");
  }

  @Test
  void credentialsInTheUrl_areSplitOffAndDecoded() throws Exception {
    RemoteSettings remote =
        read("""
        remotes:
          - name: files
            package_type: generic
            base_url: https://us%40er:p%3Ass+word@files.example.com/dir
        """)
            .remotes()
            .getFirst();

    assertThat(remote.baseUrl()).isEqualTo(URI.create("https://files.example.com/dir"));
    assertThat(remote.username()).isEqualTo("us@er");
    assertThat(remote.password()).isEqualTo("p:ss+word");
    assertThat(remote.toString()).doesNotContain("ss+word", "us@er");
  }

  @Test
  void userInTheUrl_andPasswordAsKey_goTogether() throws Exception {
    RemoteSettings remote =
        read("""
        remotes:
          - name: files
            package_type: generic
            base_url: https://user@files.example.com
            password: "pass word"
        """)
            .remotes()
            .getFirst();

    assertThat(remote.username()).isEqualTo("user");
    assertThat(remote.password()).isEqualTo("pass word");
  }

  @ParameterizedTest
  @CsvSource({
    "1073741824, 67108864",
    "67108864, 33554432",
    "134217728, 67108864",
    "6291456, 4194304",
    "4194304, 4194304"
  })
  void bodyMemoryByDefault_isAtMostHalfOfDirectMemory(long direct, long expected) throws Exception {
    Settings settings =
        SettingsFile.read(
            new SettingsSources(null, NO_ENVIRONMENT, SettingsSources.Options.NONE), direct);

    assertThat(settings.bodyMemoryBytes()).isEqualTo(expected);
  }

  @Test
  void bodyMemoryByDefault_whenDirectMemoryIsTooSmall_isRefused() {
    assertThat(problems(new SettingsSources(null, Map.of(), SettingsSources.Options.NONE), 1 << 20))
        .containsExactly(
            "without a configuration file: body_memory: needs 4MiB, the JVM's direct memory is"
                + " 1MiB (see -XX:MaxDirectMemorySize)");
  }

  @Test
  void emptyFile_andCommentsOnly_areNoError() throws Exception {
    assertThat(read("").limits().fills()).isEqualTo(1024);
    assertThat(read("# nothing\n").limits().fills()).isEqualTo(1024);
  }

  @Test
  void wrongVariables_areNamedWithTheirKey() {
    Map<String, String> environment =
        Map.of(
            "MILLRACE_LIMITS_CONNECTION", "5",
            "MILLRACE_REMOTES", "x",
            "MILLRACE_LIMITS_FILLS", "many");

    assertThat(
            problems(new SettingsSources(null, environment, SettingsSources.Options.NONE), DIRECT))
        .containsExactly(
            "MILLRACE_LIMITS_CONNECTION: unknown variable;"
                + " did you mean MILLRACE_LIMITS_CONNECTIONS?",
            "MILLRACE_REMOTES: unknown variable",
            "MILLRACE_LIMITS_FILLS: limits.fills: \"many\" is not a whole number");
  }

  @Test
  void wrongOptions_areNamed_andShowNoPassword() {
    SettingsSources.Options options =
        new SettingsSources.Options(
            "8000",
            "",
            List.of(
                "generic:https://user:hunter2@files.example.com",
                "UP=generic:ftp://user:hunter2@files.example.com",
                "a=svn:https://registry.example.com",
                "b=generic:https://files.example.com",
                "b=generic:https://files.example.com"));

    assertThat(problems(new SettingsSources(null, Map.of(), options), DIRECT))
        .containsExactly(
            "--remote: is not NAME=TYPE:URL, such as files=generic:https://files.example.com/dir",
            "--listen: listen: \"8000\" is not HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000",
            "--data: data_dir: is empty",
            "--remote: remotes[0].name: must match [a-z0-9][a-z0-9._-]{0,62}",
            "--remote: remotes[0].base_url: must begin with http:// or https://",
            "--remote: remotes[1].package_type: \"svn\" is no package type; there is generic, docker,"
                + " helm, pypi, npm, rpm, alpine, puppet, terraform, goproxy, maven, deb, cargo",
            "--remote: remotes[3].name: \"b\" is the name of another remote (--remote)");
  }

  @Test
  void outward_isRead() throws Exception {
    Settings.Outward outward =
        read("{public_url: 'https://Pkgs.example.com/millrace/', trusted_proxies: '10.0.0.0/8'}")
            .outward();

    assertThat(outward.publicUrl()).isEqualTo(URI.create("https://pkgs.example.com/millrace"));
    assertThat(outward.trustedProxies().contains("10.1.2.3")).isTrue();
  }

  @Test
  void tls_isReadWithItsFiles() throws Exception {
    Path chain = Files.writeString(folder.resolve("chain.pem"), "chain");
    Path key = Files.writeString(folder.resolve("key.pem"), "key");

    Settings settings =
        read(
            """
            tls:
              listen: "[::1]:8443"
              certificate: %s
              key: %s
              password: secret
            """
                .formatted(chain, key));

    assertThat(settings.tls())
        .isEqualTo(new TlsSettings(new Settings.Listen("::1", 8443), chain, key, "secret"));
    assertThat(String.valueOf(settings.tls())).doesNotContain("secret");
  }

  @Test
  void tlsThatIsIncomplete_isRefusedByItsKey() {
    Map<String, String> noCertificate = Map.of("MILLRACE_TLS_LISTEN", "127.0.0.1:8443");
    Map<String, String> noListen =
        Map.of("MILLRACE_TLS_CERTIFICATE", "/nowhere/chain.pem", "MILLRACE_TLS_KEY", "/nowhere/k");

    assertThat(
            problems(
                new SettingsSources(null, noCertificate, SettingsSources.Options.NONE), DIRECT))
        .containsExactly("MILLRACE_TLS_LISTEN: tls.listen: needs tls.certificate");
    assertThat(problems(new SettingsSources(null, noListen, SettingsSources.Options.NONE), DIRECT))
        .containsExactlyInAnyOrder(
            "MILLRACE_TLS_CERTIFICATE: tls.certificate: /nowhere/chain.pem cannot be read",
            "MILLRACE_TLS_KEY: tls.key: /nowhere/k cannot be read",
            "MILLRACE_TLS_CERTIFICATE: tls.certificate: is of no use without tls.listen");
  }

  @Test
  void catalogOnAServer_isRead_andShowsNoPassword() throws Exception {
    Settings settings =
        read(
            """
            catalog:
              url: postgresql://db.example.com/millrace
              username: miller
              password: hunter2
              connections: 3
              acquire_timeout: 2s
            """);

    assertThat(settings.catalog())
        .isEqualTo(
            new CatalogSettings(
                new DatabaseUrl("db.example.com", 5432, "millrace", DatabaseUrl.SslMode.PREFER),
                "miller",
                "hunter2",
                null,
                3,
                Duration.ofSeconds(2)));
    assertThat(settings.toString()).contains("postgresql://db.example.com:5432/millrace");
    assertThat(settings.toString()).doesNotContain("hunter2");
  }

  @Test
  void catalogThatCannotBe_isRefusedByItsKey() {
    Map<String, String> environment =
        Map.of(
            "MILLRACE_CATALOG_URL", "postgresql://user:hunter2@db/millrace",
            "MILLRACE_CATALOG_CONNECTIONS", "1",
            "MILLRACE_CATALOG_ACQUIRE_TIMEOUT", "1ms",
            "MILLRACE_CATALOG_CA_FILE", "/nowhere/ca.pem");

    assertThat(
            problems(new SettingsSources(null, environment, SettingsSources.Options.NONE), DIRECT))
        .containsExactlyInAnyOrder(
            "MILLRACE_CATALOG_URL: catalog.url: must not hold credentials: catalog.username and"
                + " catalog.password are for them",
            "MILLRACE_CATALOG_CA_FILE: catalog.ca_file: /nowhere/ca.pem cannot be read");
    assertThat(
            problems(
                new SettingsSources(
                    null,
                    Map.of(
                        "MILLRACE_CATALOG_URL", "postgresql://db/millrace",
                        "MILLRACE_CATALOG_CONNECTIONS", "1",
                        "MILLRACE_CATALOG_ACQUIRE_TIMEOUT", "1ms"),
                    SettingsSources.Options.NONE),
                DIRECT))
        .containsExactlyInAnyOrder(
            "MILLRACE_CATALOG_CONNECTIONS: catalog.connections: 1 is not between 2 and 100",
            "MILLRACE_CATALOG_ACQUIRE_TIMEOUT: catalog.acquire_timeout: 1ms is not between 250ms"
                + " and 1m");
  }

  private Settings read(String yaml) throws ConfigException, IOException {
    return SettingsFile.read(
        new SettingsSources(file(yaml), NO_ENVIRONMENT, SettingsSources.Options.NONE), DIRECT);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("m.yaml"), yaml, StandardCharsets.UTF_8);
  }

  private static List<String> problems(SettingsSources sources, long direct) {
    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> SettingsFile.read(sources, direct));
    assertThat(thrown).isNotNull();
    return thrown.problems();
  }
}
