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

  /** A line that is wrong and the key it is about. */
  record Fault(String line, String key) {}

  private static final List<Fault> OF_THE_PROCESS =
      List.of(
          new Fault("lissten: 127.0.0.1:0", "lissten"),
          new Fault("body_memory: 5parsecs", "body_memory"),
          new Fault("disk_quota: -5MiB", "disk_quota"),
          new Fault("drain_timeout: tomorrow", "drain_timeout"),
          new Fault("listen: 127.0.0.1:99999", "listen"),
          new Fault("access_log: [a]", "access_log"),
          new Fault("transport: carrier-pigeon", "transport"));

  private static final List<Fault> OF_A_REMOTE =
      List.of(
          new Fault("mutable_tll: 5", "mutable_tll"),
          new Fault("mutable_ttl: soon", "mutable_ttl"),
          new Fault("negative_ttl: -1", "negative_ttl"),
          new Fault("username: [a, b]", "username"),
          new Fault("patterns: ['(']", "patterns"),
          new Fault("immutable_patterns: [{a: b}]", "immutable_patterns"),
          new Fault("mutable_patterns: ['[a']", "mutable_patterns"),
          new Fault("blocklist: ['*']", "blocklist"),
          new Fault("stale_on_error: perhaps", "stale_on_error"),
          new Fault("max_connections: 0", "max_connections"),
          new Fault("verify: maybe", "verify"),
          new Fault("ca_file: /nowhere/ca.pem", "ca_file"));

  @Test
  void everyWrongKeyOfTheProcess_isReportedWithFileAndLine() {
    assertAllReported("", "", OF_THE_PROCESS);
  }

  @Test
  void everyWrongKeyOfARemote_isReportedWithFileAndLine() {
    assertAllReported(REMOTE, "    ", OF_A_REMOTE);
  }

  @Test
  void everyWrongLimit_isReportedWithFileAndLine() {
    List<Fault> limits =
        List.of(
            new Fault("conections: 5", "conections"),
            new Fault("fills: 0", "fills"),
            new Fault("request_fields: many", "request_fields"),
            new Fault("header_read_timeout: 0", "header_read_timeout"),
            new Fault("request_target_bytes: 1TiB", "request_target_bytes"));
    assertAllReported("limits:\n", "  ", limits);
  }

  private void assertAllReported(String before, String indent, List<Fault> faults) {
    StringBuilder yaml = new StringBuilder(before);
    faults.forEach(fault -> yaml.append(indent).append(fault.line()).append('\n'));
    Path file = folder.write("faulty.yaml", yaml.toString());

    Run run = Run.product(Launch.of("check-config", file.toString()));

    assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
    int line = (int) before.lines().count();
    for (Fault fault : faults) {
      line++;
      String place = "faulty.yaml:" + line + ":";
      assertThat(run.output().lines())
          .as(fault + " at " + place)
          .anyMatch(text -> text.contains(place) && text.contains(fault.key()));
    }
    assertThat(run.output()).doesNotContain("\tat ");
  }

  /** A file that is wrong as a whole: the line the error is on and the key it is about. */
  record Case(String what, String yaml, int line, String key) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Case> structures() {
    return Stream.of(
        new Case("text for a list", REMOTE + "    patterns: abc\n", 5, "patterns"),
        new Case("map for a text", "listen:\n  host: x\n", 1, "listen"),
        new Case("text for a map", "limits: many\n", 1, "limits"),
        new Case(
            "no base_url", "remotes:\n  - name: a\n    package_type: generic\n", 2, "base_url"),
        new Case("no name", REMOTE.replace("name: gen", "description: x"), 2, "name"),
        new Case("unknown type", REMOTE.replace("generic", "gneric"), 3, "package_type"),
        new Case("scheme that is none of ours", REMOTE.replace("http:", "ftp:"), 4, "base_url"),
        new Case("the same name twice", REMOTE + REMOTE.substring(9), 5, "name"),
        new Case("the same key twice", "disk_quota: 1GiB\ndisk_quota: 2GiB\n", 2, "disk_quota"));
  }

  @ParameterizedTest
  @MethodSource("structures")
  void faultyStructure_isRefused_withFileLineAndKey(Case fault) {
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
