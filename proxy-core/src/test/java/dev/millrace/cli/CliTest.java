package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.RemoteSettings;
import dev.millrace.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line: what it starts, what it says, and its exit code. */
final class CliTest {
  private static final String REMOTE = "files=generic:https://files.example.com";

  @TempDir private Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> events = new ArrayList<>();
  private @Nullable Settings started;
  private @Nullable Exception startFails;

  @Test
  void serve_startsPrintsTheUrlAndDrainsAtTheEnd() {
    assertThat(run("serve", "--remote", REMOTE)).isZero();

    assertThat(out.toString()).isEqualTo("listening on http://127.0.0.1:8000" + lineEnd());
    assertThat(err.toString()).isEmpty();
    assertThat(events).containsExactly("start", "hook", "await", "drain");
  }

  @Test
  void serve_withAllOptions_handsOverTheSettings() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("m.yaml"),
            """
            listen: 127.0.0.1:1
            remotes:
              - {name: one, package_type: generic, base_url: "http://one.example.com"}
            """);
    environment.put("MILLRACE_DATA_DIR", "elsewhere");
    environment.put("MILLRACE_DRAIN_TIMEOUT", "5s");
    int code =
        run(
            "serve",
            "--config=" + file,
            "--remote=two=generic:http://two.example.com",
            "--remote",
            "three=generic:http://three.example.com",
            "--listen=127.0.0.1:0",
            "--data=@data");

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    Settings settings = Objects.requireNonNull(started);
    assertThat(settings.listen()).isEqualTo(new Settings.Listen("127.0.0.1", 0));
    assertThat(settings.dataDir()).isEqualTo(Path.of("@data"));
    assertThat(settings.drainTimeout()).hasSeconds(5);
    assertThat(settings.remotes())
        .extracting(RemoteSettings::name)
        .containsExactly("one", "two", "three");
  }

  @Test
  void serve_withoutRemote_saysHowToAddOne() {
    assertThat(run("serve")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "millrace: there is no remote: add one with --remote NAME=TYPE:URL, such as --remote"
                + " files=generic:https://files.example.com, or under \"remotes\" in the file of"
                + " --config"
                + lineEnd());
    assertThat(events).isEmpty();
  }

  @Test
  void serve_withWrongSettings_showsEachAndStartsNothing() {
    environment.put("MILLRACE_THREADS", "4");

    assertThat(run("serve", "--listen", "8000", "--remote", "x")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "MILLRACE_THREADS: unknown variable",
            "--remote: is not NAME=TYPE:URL, such as files=generic:https://files.example.com/dir",
            "--listen: listen: \"8000\" is not HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000");
    assertThat(events).isEmpty();
  }

  static Stream<Arguments> startFailures() {
    return Stream.of(
        Arguments.of(
            new BindException("Address already in use"),
            "cannot listen on 127.0.0.1:8000: the address is in use"),
        Arguments.of(
            new IllegalStateException(
                "wrapped",
                new IOException("bind(..) failed with error(-98): Address already in use")),
            "cannot listen on 127.0.0.1:8000: the address is in use"),
        Arguments.of(
            new BindException("Cannot assign requested address"),
            "cannot listen on 127.0.0.1:8000: this machine has no such address"),
        Arguments.of(
            new BindException("Permission denied"),
            "cannot listen on 127.0.0.1:8000: not permitted (ports below 1024 need a right)"),
        Arguments.of(
            new IOException("the folder is used by another process"),
            "cannot start: the folder is used by another process (data: millrace-data)"),
        Arguments.of(
            new IOException("millrace-data is\nlocked"), "cannot start: millrace-data is locked"),
        Arguments.of(
            new IllegalStateException(),
            "cannot start: IllegalStateException (data: millrace-data)"));
  }

  @ParameterizedTest
  @MethodSource("startFailures")
  void serve_whenTheStartFails_saysWhyInOneLine(Exception failure, String expected) {
    startFails = failure;

    assertThat(run("serve", "--remote", REMOTE)).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("millrace: " + expected + lineEnd());
    assertThat(out.toString()).isEmpty();
    assertThat(events).containsExactly("start");
  }

  @Test
  void checkConfig_ofAGoodFile_isOk() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("m.yaml"),
            """
            remotes:
              - {name: one, package_type: generic, base_url: "http://one.example.com"}
            """);

    assertThat(run("check-config", file.toString())).isZero();
    assertThat(out.toString()).isEqualTo(file + ": ok, 1 remote" + lineEnd());
    assertThat(events).isEmpty();
  }

  @Test
  void checkConfig_ofABadFile_showsEachProblem() throws Exception {
    Path file = Files.writeString(folder.resolve("m.yaml"), "lisen: x\nlimits: {fills: no}\n");

    assertThat(run("check-config", file.toString())).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            file + ":1: lisen: unknown key; did you mean \"listen\"?",
            file + ":2: limits.fills: \"no\" is not a whole number");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void version_isShown() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).isEqualTo("millrace 1.2.3" + lineEnd());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "serve"})
  void help_namesCommandsOptionsAndExitCodes(String command) {
    String[] args = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};

    assertThat(run(args)).isZero();
    assertThat(out.toString()).contains("Exit codes:").containsPattern("(?m)^ +2 +wrong command");
    if (command.isEmpty()) {
      assertThat(out.toString()).contains("serve", "check-config", "--version");
    } else {
      assertThat(out.toString())
          .contains("--remote=NAME=TYPE:URL", "--listen=HOST:PORT", "--data=DIR", "--config=FILE");
    }
  }

  static Stream<Arguments> wrongCommandLines() {
    return Stream.of(
        Arguments.of(List.of(), "Missing command: serve or check-config", "millrace"),
        Arguments.of(List.of("sevre"), "Unmatched argument at index 0: 'sevre'", "millrace"),
        Arguments.of(
            List.of("serve", "--listen"),
            "Missing required parameter for option '--listen' (HOST:PORT)",
            "millrace serve"),
        Arguments.of(
            List.of("serve", "--data=a", "--data=b"),
            "option '--data' (DIR) should be specified only once",
            "millrace serve"),
        Arguments.of(
            List.of("check-config"), "Missing required parameter: 'FILE'", "millrace check-config"),
        Arguments.of(
            List.of("serve", "--remot=a=generic:https://user:hunter2@files.example.com"),
            "Unknown option: '--remot=a=generic:https://***@files.example.com'",
            "millrace serve"));
  }

  @ParameterizedTest
  @MethodSource("wrongCommandLines")
  void wrongCommandLine_isOneClearLine(List<String> args, String expected, String command) {
    assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("millrace: " + expected + lineEnd() + "Try: " + command + " --help" + lineEnd());
    assertThat(events).isEmpty();
  }

  @Test
  void hook_drainsThenHaltsWithSuccess() throws Exception {
    List<Thread> hooks = new ArrayList<>();
    ProcessLifetime lifetime =
        new ProcessLifetime(
            hooks::add, code -> events.add("halt " + code), () -> events.add("log"));
    lifetime.onEnd(() -> events.add("drain"));
    runToEnd(hooks.getFirst());

    assertThat(events).containsExactly("drain", "log", "halt 0");
  }

  @Test
  void hook_whenTheDrainFails_haltsWithFailure() throws Exception {
    List<Thread> hooks = new ArrayList<>();
    ProcessLifetime lifetime =
        new ProcessLifetime(
            hooks::add, code -> events.add("halt " + code), () -> events.add("log"));
    lifetime.onEnd(() -> {
      throw new IllegalStateException("planted");
    });
    runToEnd(hooks.getFirst());

    assertThat(events).containsExactly("log", "halt 1");
  }

  @Test
  void hook_whenTheProcessIsEndingAlready_drainsAtOnce() {
    ProcessLifetime lifetime =
        new ProcessLifetime(
            hook -> {
              throw new IllegalStateException("Shutdown in progress");
            },
            code -> events.add("halt " + code),
            () -> events.add("log"));
    lifetime.onEnd(() -> events.add("drain"));

    assertThat(events).containsExactly("drain", "log", "halt 0");
  }

  @Test
  void directMemory_hasALimit() {
    assertThat(DirectMemory.limitBytes()).isGreaterThan(1 << 20);
  }

  private int run(String... args) {
    Surroundings surroundings =
        new Surroundings(
            environment, new PrintWriter(out), new PrintWriter(err), 1L << 30, "1.2.3");
    return new Cli(surroundings, this::start, new RecordedLifetime()).run(args);
  }

  private RunningNode start(Settings settings) throws Exception {
    events.add("start");
    started = settings;
    if (startFails != null) {
      throw startFails;
    }
    return new RunningNode() {
      @Override
      public List<String> urls() {
        return List.of("http://127.0.0.1:8000");
      }

      @Override
      public void drain() {
        events.add("drain");
      }
    };
  }

  private static void runToEnd(Thread hook) throws InterruptedException {
    hook.start();
    hook.join();
  }

  private static String lineEnd() {
    return System.lineSeparator();
  }

  /** Told to end as soon as it waits. */
  private final class RecordedLifetime implements Lifetime {
    private Runnable drain = () -> events.add("nothing to drain");

    @Override
    public void onEnd(Runnable toRun) {
      events.add("hook");
      drain = toRun;
    }

    @Override
    public int await() {
      events.add("await");
      drain.run();
      return 0;
    }
  }
}
