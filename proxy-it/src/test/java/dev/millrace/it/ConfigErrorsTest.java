package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration that is wrong anywhere stops the start and says where. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConfigErrorsTest {
  private static final String REMOTE =
      """
      remotes:
        - name: gen
          package_type: generic
          base_url: http://registry.example.com/base
      """;

  private final Folder folder = Folder.create();

  @AfterAll
  void delete() {
    folder.delete();
  }

  /** A faulty file: the line the error is on and the key it is about. */
  record Case(String what, String yaml, int line, String key) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Case> faults() {
    return Stream.of(
        new Case("unknown key", "lissten: 127.0.0.1:0\n", 1, "lissten"),
        new Case("unknown key of a limit", "limits:\n  conections: 5\n", 2, "conections"),
        remote("unknown key of a remote", "mutable_tll: 5", "mutable_tll"),
        remote("text for a number", "mutable_ttl: soon", "mutable_ttl"),
        remote("negative number", "mutable_ttl: -1", "mutable_ttl"),
        remote("list for a text", "username: [a, b]", "username"),
        remote("text for a list", "patterns: abc", "patterns"),
        remote("number in a list of patterns", "patterns: [{a: b}]", "patterns"),
        remote("invalid regex", "patterns: ['(']", "patterns"),
        remote("invalid mutable regex", "mutable_patterns: ['[a']", "mutable_patterns"),
        remote("invalid blocklist regex", "blocklist: ['*']", "blocklist"),
        remote("text for a switch", "stale_on_error: perhaps", "stale_on_error"),
        remote("no connections", "max_connections: 0", "max_connections"),
        remote("unknown choice", "verify: maybe", "verify"),
        new Case("size without a unit that is known", "body_memory: 5parsecs\n", 1, "body_memory"),
        new Case("negative size", "disk_quota: -5MiB\n", 1, "disk_quota"),
        new Case("duration without sense", "drain_timeout: tomorrow\n", 1, "drain_timeout"),
        new Case("port too high", "listen: 127.0.0.1:99999\n", 1, "listen"),
        new Case("map for a text", "listen:\n  host: x\n", 1, "listen"),
        new Case("text for a map", "limits: many\n", 1, "limits"),
        new Case(
            "no base_url", "remotes:\n  - name: a\n    package_type: generic\n", 2, "base_url"),
        new Case(
            "no name",
            "remotes:\n  - package_type: generic\n    base_url: http://registry.example.com/\n",
            2,
            "name"),
        new Case("unknown type", REMOTE.replace("generic", "gneric"), 3, "package_type"),
        new Case("scheme that is none of ours", REMOTE.replace("http:", "ftp:"), 4, "base_url"),
        new Case("the same name twice", REMOTE + REMOTE.substring(9), 5, "name"),
        new Case("the same key twice", "disk_quota: 1GiB\ndisk_quota: 2GiB\n", 2, "disk_quota"));
  }

  private static Case remote(String what, String line, String key) {
    return new Case(what, REMOTE + "    " + line + "\n", 5, key);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultyFile_isRefused_withFileLineAndKey(Case fault) {
    Path file = folder.write("faulty.yaml", fault.yaml());

    Run run = Run.product(Launch.of("check-config", file.toString()));

    assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("faulty.yaml:" + fault.line()).contains(fault.key());
    assertThat(run.output()).doesNotContain("\tat ");
  }

  @Test
  void notYaml_orNotThere_isRefusedToo() {
    Path file = folder.write("broken.yaml", "remotes: [\n  - {a: b\n");

    Run broken = Run.product(Launch.of("check-config", file.toString()));
    Run missing = Run.product(Launch.of("check-config", file + ".none"));

    assertThat(broken.exitCode()).isEqualTo(2);
    assertThat(broken.output()).contains("broken.yaml:").doesNotContain("\tat ");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.output()).contains("broken.yaml.none").doesNotContain("\tat ");
  }

  @Test
  void goodFile_isAccepted() {
    Path file =
        folder.write(
            "good.yaml",
            REMOTE
                + """
                listen: 127.0.0.1:0
                disk_quota: 10GiB
                body_memory: 64MiB
                drain_timeout: 10s
                access_log: "off"
                limits:
                  connections: 100
                  header_read_timeout: 10s
                """);

    Run run = Run.product(Launch.of("check-config", file.toString()));

    assertThat(run.exitCode()).as(run.output()).isZero();
  }

  @Test
  void serve_withAFaultyFile_doesNotStart() {
    Path file = folder.write("faulty-serve.yaml", REMOTE + "nonsense: 1\n");
    Path data = folder.root().resolve("data");

    Run run =
        Run.product(Launch.of("serve", "--data", data.toString(), "--config", file.toString()));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).contains("faulty-serve.yaml:5").contains("nonsense");
    assertThat(run.output()).doesNotContain("listening on");
    assertThat(data).doesNotExist();
  }

  @Test
  void environment_overridesTheFile_andItsFaultsNameTheVariable() {
    Path file = folder.write("env.yaml", REMOTE);
    Launch launch = Launch.of("check-config", file.toString());

    Run faulty = Run.product(launch.environment(Map.of("MILLRACE_DISK_QUOTA", "many")));
    Run good = Run.product(launch.environment(Map.of("MILLRACE_DISK_QUOTA", "5GiB")));

    assertThat(faulty.exitCode()).isEqualTo(2);
    assertThat(faulty.output()).contains("MILLRACE_DISK_QUOTA");
    assertThat(good.exitCode()).as(good.output()).isZero();
  }

  @Test
  void commandLine_hasDocumentedExitCodes() {
    Run help = Run.product(Launch.of("--help"));
    Run version = Run.product(Launch.of("--version"));

    assertThat(help.exitCode()).isZero();
    assertThat(help.output()).contains("serve").contains("check-config");
    assertThat(version.exitCode()).isZero();
    assertThat(version.output()).containsPattern("\\d+\\.\\d+");
    for (List<String> wrong :
        List.of(
            List.of("serv"),
            List.of("serve", "--no-such-option"),
            List.of("serve", "--remote", "gen=generic"),
            List.of("serve", "--remote", "gen=nosuchtype:http://registry.example.com/"),
            List.of("serve", "--listen", "127.0.0.1:70000"))) {
      Run run = Run.product(Launch.of(wrong.toArray(String[]::new)));
      assertThat(run.exitCode()).as(wrong + "\n" + run.output()).isEqualTo(2);
      assertThat(run.output()).doesNotContain("\tat ");
    }
  }
}
