package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault in a file is refused with file, line and key. */
final class BadConfigTest {
  private static final String REMOTE =
      """
      remotes:
        - name: files
          package_type: generic
          base_url: https://files.example.com
      """;

  @TempDir private Path folder;

  static Stream<Arguments> faultsOfForm() {
    return Stream.of(
        fault("lisen: 127.0.0.1:1", "1: lisen: unknown key; did you mean \"listen\"?"),
        fault("remote: []", "1: remote: unknown key; did you mean \"remotes\"?"),
        fault("zzzzzz: 1", "1: zzzzzz: unknown key"),
        fault("limits.fills: 1", "1: limits.fills: unknown key"),
        fault(
            "limits:\n  conections: 1",
            "2: limits.conections: unknown key; did you mean \"connections\"?"),
        fault("limits: 5", "1: limits: must hold keys and values"),
        fault("limits:\n", "1: limits: must hold keys and values"),
        fault("listen: 1:2\nlisten: 1:2", "2: listen: is given twice"),
        fault("limits: {fills: 1, fills: 2}", "1: limits.fills: is given twice"),
        fault("listen:", "1: listen: has no value"),
        fault("listen: [a]", "1: listen: must be one value, not a list or a mapping"),
        fault("listen: {a: b}", "1: listen: must be one value, not a list or a mapping"),
        fault("listen: !foo a", "1: listen: must not have a tag"));
  }

  static Stream<Arguments> faultsOfTheProcess() {
    return Stream.of(
        fault(
            "listen: :8000",
            "1: listen: \":8000\" names no host; 0.0.0.0:8000 means every address"),
        fault("listen: a:65536", "1: listen: port 65536 is not between 0 and 65535"),
        fault(
            "listen: ::1:80",
            "1: listen: \"::1:80\" names no host; 0.0.0.0::1:80 means every address"),
        fault(
            "listen: 2001:db8::1:80",
            "1: listen: \"2001:db8::1:80\" is not HOST:PORT, such as 127.0.0.1:8000 or"
                + " [::1]:8000"),
        fault("disk_quota: 0", "1: disk_quota: 0 is not between 1MiB and 1024TiB"),
        fault(
            "disk_quota: 100G",
            "1: disk_quota: \"100G\" is not a size in bytes such as 1024, 8KiB or 100GiB (B, kB to"
                + " TB, KiB to TiB)"),
        fault("disk_quota: 99999999999TiB", "1: disk_quota: \"99999999999TiB\" is too large"),
        fault("body_memory: 1MiB", "1: body_memory: 1MiB is not between 4MiB and 1TiB"),
        fault(
            "\nbody_memory: 2GiB",
            "2: body_memory: is more than the JVM's direct memory, 1GiB (see"
                + " -XX:MaxDirectMemorySize)"),
        fault(
            "drain_timeout: -1",
            "1: drain_timeout: \"-1\" is not a duration such as 10 (seconds), 250ms, 30s, 5m, 2h or"
                + " 7d"),
        fault("drain_timeout: 2d", "1: drain_timeout: 2d is not between 0 and 1d"),
        fault("access_log: ''", "1: access_log: is empty; \"off\" writes no log"),
        fault(
            "transport: kqueue",
            "1: transport: \"kqueue\" is not one of auto, epoll, io_uring, nio"),
        fault("threads: {loops: 1.5}", "1: threads.loops: \"1.5\" is not a whole number"),
        fault("threads: {fill: \"4\"}", "1: threads.fill: must not stand in quotes: it is no text"),
        fault("limits: {connections: 0}", "1: limits.connections: 0 is not between 1 and 1000000"),
        fault(
            "limits: {header_read_timeout: 0}",
            "1: limits.header_read_timeout: 0 is not between 1ms and 1d"));
  }

  static Stream<Arguments> faultsOfYaml() {
    return Stream.of(
        fault("- a", "1: must hold keys and values"),
        fault("? [a]\n: b", "1: a key must be a word"),
        fault("a: b: c", "1: is not YAML: mapping values are not allowed here"),
        fault("a: 1\n---\nb: 2", "2: is not YAML: but found another document"),
        fault("remotes:", "1: remotes: must be a list, each item beginning with \"- \""),
        fault(
            "remotes:\n  - files",
            "2: remotes[0]: must hold keys and values",
            "2: remotes[0].name: is required",
            "2: remotes[0].package_type: is required",
            "2: remotes[0].base_url: is required"),
        fault(
            REMOTE
                + "  - name: files\n    package_type: generic\n    base_url: http://b.example.com",
            "5: remotes[1].name: \"files\" is the name of another remote (FILE:2)"));
  }

  static Stream<Arguments> faultsOfPatterns() {
    return Stream.of(
        fault(
            REMOTE + "    patterns: ['a', '(b', 'c)']",
            "5: remotes[0].patterns[1]: is not a regular expression (RE2): missing closing ): (b",
            "5: remotes[0].patterns[2]: is not a regular expression (RE2): unexpected ): c)"),
        fault(
            REMOTE + "    blocklist:\n      - [x]\n      - '*'",
            "6: remotes[0].blocklist[0]: must be one value, not a list or a mapping",
            "7: remotes[0].blocklist[1]: is not a regular expression (RE2): missing argument to"
                + " repetition operator: *"),
        fault(
            REMOTE + "    mutable_patterns: '(a+)+\\1'",
            "5: remotes[0].mutable_patterns: must be a list, such as [\"a\", \"b\"]"),
        fault(
            REMOTE + "    immutable_patterns: ['(a)\\1']",
            "5: remotes[0].immutable_patterns[0]: is not a regular expression (RE2): invalid escape"
                + " sequence: \\1"),
        fault(
            REMOTE + "    patterns: ['']",
            "5: remotes[0].patterns[0]: is empty, which would match everything"));
  }

  static Stream<Arguments> faultsOfARemote() {
    return Stream.of(
        fault(
            REMOTE + "    check_mutable: yes",
            "5: remotes[0].check_mutable: \"yes\" is neither true nor false"),
        fault(
            REMOTE + "    verify: maybe",
            "5: remotes[0].verify: \"maybe\" is not one of enforce, off, report"),
        fault(
            REMOTE + "    repo_type: local",
            "5: remotes[0].repo_type: \"local\" is not built yet; there is remote"),
        fault(REMOTE + "    cache_policy: http", "5: remotes[0].cache_policy: unknown key"),
        fault(REMOTE + "    username: 'a:b'", "5: remotes[0].username: must not hold a colon"),
        fault(
            REMOTE + "    password: \"a\\nb\"",
            "5: remotes[0].password: must not hold control characters"),
        fault(
            REMOTE + "    max_connections: 1e3",
            "5: remotes[0].max_connections: \"1e3\" is not a whole number"),
        fault(
            REMOTE + "    ca_file: no-such.pem",
            "5: remotes[0].ca_file: no-such.pem cannot be read"),
        fault(
            REMOTE + "    releases_remote: other",
            "5: remotes[0].releases_remote: \"other\" is the name of no remote"),
        fault(
            REMOTE + "    file_hosts: ['https://files.example.com']",
            "5: remotes[0].file_hosts[0]: \"https://files.example.com\" is not a host, such as"
                + " files.example.com or files.example.com:8443"),
        fault(
            REMOTE.replace("generic", "svn"),
            "3: remotes[0].package_type: \"svn\" is no package type; there is generic, docker, helm,"
                + " pypi, npm, rpm, alpine, puppet, terraform, goproxy, maven, deb, cargo"));
  }

  static Stream<Arguments> urls() {
    return Stream.of(
        Arguments.of("files.example.com", "must begin with http:// or https://"),
        Arguments.of("ftp://files.example.com", "must begin with http:// or https://"),
        Arguments.of("http://", "is not a URL: Expected authority"),
        Arguments.of(
            "http:///dir",
            "has no valid host (letters, digits, dots and hyphens, or an IP address)"),
        Arguments.of(
            "http:files",
            "has no valid host (letters, digits, dots and hyphens, or an IP" + " address)"),
        Arguments.of(
            "http://my_host/",
            "has no valid host (letters, digits, dots and hyphens, or" + " an IP address)"),
        Arguments.of("http://a b/", "is not a URL: Illegal character in authority"),
        Arguments.of("http://a.example.com:0/", "has no valid port (1 to 65535)"),
        Arguments.of("http://a.example.com:99999/", "has no valid port (1 to 65535)"),
        Arguments.of("http://a.example.com/?x=1", "must not have a query"),
        Arguments.of("http://a.example.com/#x", "must not have a fragment"),
        Arguments.of("http://a.example.com/a/../b", "must not have dot segments"),
        Arguments.of("http://a.example.com/a/%2E%2e", "must not have dot segments"),
        Arguments.of("http://user:hun%0Ater2@a.example.com/", "must not hold control characters"));
  }

  @ParameterizedTest
  @MethodSource({
    "faultsOfForm",
    "faultsOfTheProcess",
    "faultsOfYaml",
    "faultsOfPatterns",
    "faultsOfARemote"
  })
  void fault_isNamedWithItsPlace(String yaml, List<String> expected) throws Exception {
    String file = folder.resolve("m.yaml").toString();

    assertThat(problems(yaml))
        .containsExactlyElementsOf(
            expected.stream().map(line -> file + ":" + line.replace("FILE", file)).toList());
  }

  @ParameterizedTest
  @MethodSource("urls")
  void badUrl_isNamedAndNotShown(String url, String expected) throws Exception {
    List<String> problems = problems(REMOTE.replace("https://files.example.com", "'" + url + "'"));

    assertThat(problems)
        .containsExactly(folder.resolve("m.yaml") + ":4: remotes[0].base_url: " + expected);
  }

  @Test
  void allFaults_areReportedAtOnceInTheOrderOfTheFile() throws Exception {
    List<String> problems =
        problems(
            """
            limits:
              fills: none
            listen: nowhere
            remotes:
              - name: Files
                base_url: https://user:hunter2@
                password: {a: hunter2}
              - package_type: generic
                name: b
                base_url: https://b.example.com
                patterns: ['[']
            surprise: 1
            """);

    String file = folder.resolve("m.yaml") + ":";
    assertThat(problems)
        .containsExactly(
            file + "2: limits.fills: \"none\" is not a whole number",
            file + "3: listen: \"nowhere\" is not HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000",
            file + "5: remotes[0].name: must match [a-z0-9][a-z0-9._-]{0,62}",
            file + "5: remotes[0].package_type: is required",
            file
                + "6: remotes[0].base_url: has no valid host (letters, digits, dots and hyphens,"
                + " or an IP address)",
            file + "7: remotes[0].password: must be one value, not a list or a mapping",
            file
                + "11: remotes[1].patterns[0]: is not a regular expression (RE2): missing"
                + " closing ]: [",
            file + "12: surprise: unknown key");
    assertThat(problems).noneMatch(line -> line.contains("hunter2"));
  }

  @Test
  void passwordThatLooksLikeAnAlias_isNotShown() throws Exception {
    assertThat(problems(REMOTE + "    password: *hunter2\n"))
        .containsExactly(
            folder.resolve("m.yaml")
                + ":5: is not YAML: a value that begins with * must stand in quotes");
  }

  @Test
  void aliasThatHoldsItself_isRefusedWithoutEnd() throws Exception {
    assertThat(problems("remotes: &a\n  - *a\n")).first().asString().contains("remotes[0]");
  }

  @Test
  void credentialsGivenTwice_areRefused() throws Exception {
    List<String> problems =
        problems(
            """
            remotes:
              - name: files
                package_type: generic
                base_url: https://one:hunter2@files.example.com
                username: two
                password: hunter3
            """);

    String file = folder.resolve("m.yaml") + ":";
    assertThat(problems)
        .containsExactly(
            file + "5: remotes[0].username: is given twice: here and in base_url",
            file + "6: remotes[0].password: is given twice: here and in base_url");
  }

  @Test
  void caFileWithoutCertificate_isRefused() throws Exception {
    Path empty = Files.writeString(folder.resolve("ca.pem"), "");

    assertThat(problems(REMOTE + "    ca_file: " + empty + "\n"))
        .containsExactly(
            folder.resolve("m.yaml")
                + ":5: remotes[0].ca_file: "
                + empty
                + " holds no certificate");
  }

  @Test
  void fileThatIsMissing_orNotText_isNamed() throws Exception {
    Path missing = folder.resolve("missing.yaml");
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0});
    Path large = Files.write(folder.resolve("large.yaml"), new byte[Limits.CONFIG_FILE_BYTES + 1]);

    assertThat(problems(missing)).containsExactly(missing + ": there is no such file");
    assertThat(problems(folder)).first().asString().startsWith(folder + ": cannot be read");
    assertThat(problems(binary)).containsExactly(binary + ": is not UTF-8 text");
    assertThat(problems(large)).containsExactly(large + ": is larger than 1MiB");
  }

  @Test
  void deepRegularExpression_isRefusedOrCompiled_butNeverBreaksTheReader() throws Exception {
    String deep = "(".repeat(2000) + ")".repeat(2000);
    String yaml = REMOTE + "    patterns: ['" + deep + "', '(']\n";

    assertThat(problems(yaml)).last().asString().contains("patterns[1]");
  }

  private List<String> problems(String yaml) throws IOException {
    return problems(Files.writeString(folder.resolve("m.yaml"), yaml, StandardCharsets.UTF_8));
  }

  private static List<String> problems(Path file) {
    ConfigException thrown =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                SettingsFile.read(
                    new SettingsSources(file, Map.of(), SettingsSources.Options.NONE), 1L << 30));
    assertThat(thrown).isNotNull();
    return thrown.problems();
  }

  private static Arguments fault(String yaml, String... expected) {
    return Arguments.of(yaml, List.of(expected));
  }
}
