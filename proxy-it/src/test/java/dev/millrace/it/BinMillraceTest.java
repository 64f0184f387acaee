package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.SourceTree;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code bin/millrace} as a newcomer meets it: in a fresh checkout, from the first start on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BinMillraceTest {
  private static final String REMOTE = "--remote=gen=generic:http://127.0.0.1:9";

  /** What the launcher needs to come to its own words. */
  private static final List<String> TOOLS =
      List.of("bash", "cat", "dirname", "find", "flock", "grep", "mkdir", "mv", "readlink");

  private final SourceTree tree = SourceTree.copy();
  private final Folder work = Folder.create();
  private Run first = new Run(-1, "");

  @BeforeAll
  void startFirst() {
    first = run("--version");
  }

  @AfterAll
  void delete() {
    tree.delete();
    work.delete();
  }

  private Run run(String... arguments) {
    return tree.runWith(usual(), arguments);
  }

  private static List<String> usual() {
    List<String> variables = new ArrayList<>();
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      if (!variable.getKey().startsWith("MILLRACE_") && !variable.getKey().equals("JAVA_HOME")) {
        variables.add(variable.getKey() + "=" + variable.getValue());
      }
    }
    variables.add("JAVA_HOME=" + System.getProperty("java.home"));
    return variables;
  }

  @Test
  void firstStart_builds_andSaysSo_theNextDoesNot() {
    Run next = run("--version");

    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(first.output()).startsWith("millrace ").contains("first use, building", "built in");
    assertThat(next.exitCode()).isZero();
    assertThat(next.output()).startsWith("millrace ").doesNotContain("building");
  }

  @Test
  void help_namesTheCommands() {
    Run help = run("--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.output()).contains("serve", "check-config", "--version");
  }

  @Test
  void exitCode_is0ForAGoodFile_2ForABadOneOrABadCommandLine() {
    String remotes = "remotes:\n  - name: a\n    package_type: generic\n    base_url: ";
    Path good = work.write("good.yaml", remotes + "https://files.example.com\n");
    Path bad = work.write("bad.yaml", "limits:\n  conections: 1\n");

    assertThat(run("check-config", good.toString()).exitCode()).isZero();
    Run refused = run("check-config", bad.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.output()).contains("bad.yaml:2: limits.conections");
    assertThat(run("serve", "--no-such-option").exitCode()).isEqualTo(2);
  }

  @Test
  void serve_saysWhereItListens_andEndsWith0AfterSigterm() {
    String data = "--data=" + work.root().resolve("data");
    try (Millrace millrace =
            Millrace.start(tree.launch("serve", "--listen=127.0.0.1:0", data, REMOTE));
        RawClient client = RawClient.connect(millrace.port())) {
      assertThat(millrace.said("listening on http://127.0.0.1:" + millrace.port())).isTrue();
      assertThat(client.get("/health").status()).isEqualTo(200);

      millrace.terminate();
      assertThat(millrace.awaitExit()).isZero();
    }
  }

  @Test
  void serve_onAPortInUse_endsWith1_andNamesIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String listen = "127.0.0.1:" + taken.getLocalPort();
      String data = "--data=" + work.root().resolve("unused");

      Run run = run("serve", "--listen=" + listen, data, REMOTE);

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output()).contains(listen).doesNotContain("listening on");
    }
  }

  @Test
  void buildThatFails_endsWith1_andShowsTheEndOfItsLog() throws IOException {
    SourceTree fresh = SourceTree.copy();
    try {
      Path folder = Files.createDirectory(work.root().resolve("failing"));
      script(folder.resolve("mvn"), "echo planted failure", "exit 1");

      Run run = fresh.runWith(path(folder, System.getenv("PATH")), "--version");

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output()).contains("first use, building", "the build failed", "planted");
    } finally {
      fresh.delete();
    }
  }

  @Test
  void withoutMaven_itSaysWhatToInstall() throws IOException {
    SourceTree fresh = SourceTree.copy();
    try {
      Run run = fresh.runWith(path(tools("no-maven"), ""), "--version");

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output()).contains("Maven is needed", "package maven");
      assertThat(fresh.isBuilt()).isFalse();
    } finally {
      fresh.delete();
    }
  }

  private static List<String> path(Path first, String rest) {
    return List.of("PATH=" + first + ":" + rest, "JAVA_HOME=" + System.getProperty("java.home"));
  }

  /** A folder for PATH with the tools that the launcher needs and without Java and Maven. */
  private Path tools(String name) throws IOException {
    Path folder = Files.createDirectory(work.root().resolve(name));
    for (String tool : TOOLS) {
      Path found =
          Stream.of(System.getenv("PATH").split(File.pathSeparator))
              .map(place -> Path.of(place, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      Files.createSymbolicLink(folder.resolve(tool), found);
    }
    return folder;
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** The order in which a JDK is looked for, each step with made-up ones. */
  @Test
  void jdk_isTakenFromJavaHome_thenPath_thenTheSystemsFolder_elseItSaysWhatToInstall()
      throws IOException {
    Search search = new Search();
    Path home = search.jdk("home", "25.0.1", true);
    Path path = search.jdk("path", "25", true);
    Path old = search.jdk("old", "21.0.4", true);
    Path later = search.jdk("later", "250", true);

    Run none = search.find(old, later);
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.output()).contains("no JDK 25 found", "Install one", "JAVA_HOME");
    assertThat(search.find(null, null).exitCode()).isEqualTo(1);
    assertThat(search.find(home, path)).isEqualTo(new Run(0, home + "\n"));
    assertThat(search.find(old, path)).isEqualTo(new Run(0, path + "\n"));
    assertThat(search.find(null, path)).isEqualTo(new Run(0, path + "\n"));

    Path runtime = search.jdk("jvm/a-runtime", "25.0.2", false);
    assertThat(search.find(null, old)).isEqualTo(new Run(0, runtime + "\n"));
    Path system = search.jdk("jvm/b-jdk", "25-ea", true);
    assertThat(search.find(null, old)).isEqualTo(new Run(0, system + "\n"));
    assertThat(search.find(runtime, null)).isEqualTo(new Run(0, system + "\n"));
  }

  /** A launcher in an emptied environment, whose system folder is one of ours. */
  private final class Search {
    private final Path root = Files.createDirectory(work.root().resolve("search"));
    private final Path tools = tools("tools");
    private final Path script = root.resolve("find-jdk");

    Search() throws IOException {
      String text = Files.readString(tree.launcher().resolveSibling("find-jdk"));
      String moved = text.replace("/usr/lib/jvm", root.resolve("jvm").toString());
      assertThat(moved).isNotEqualTo(text);
      Files.writeString(script, moved);
      assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    Path jdk(String name, String version, boolean compiles) throws IOException {
      Path home = root.resolve(name);
      Files.createDirectories(home.resolve("bin"));
      Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      script(home.resolve("bin/java"), "exit 1");
      if (compiles) {
        script(home.resolve("bin/javac"), "exit 1");
      }
      return home;
    }

    Run find(@Nullable Path javaHome, @Nullable Path onPath) {
      List<String> variables = new ArrayList<>();
      variables.add("PATH=" + (onPath == null ? "" : onPath.resolve("bin") + ":") + tools);
      if (javaHome != null) {
        variables.add("JAVA_HOME=" + javaHome);
      }
      return SourceTree.runIn(variables, script);
    }
  }
}
