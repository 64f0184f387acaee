package dev.millrace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.puppycrawl.tools.checkstyle.Checker;
import com.puppycrawl.tools.checkstyle.ConfigurationLoader;
import com.puppycrawl.tools.checkstyle.ConfigurationLoader.IgnoredModulesOptions;
import com.puppycrawl.tools.checkstyle.PropertiesExpander;
import com.puppycrawl.tools.checkstyle.api.AuditEvent;
import com.puppycrawl.tools.checkstyle.api.AuditListener;
import com.puppycrawl.tools.checkstyle.api.CheckstyleException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every source file keeps the rules of {@code config/checkstyle.xml}, and every rule catches its
 * planted fault.
 *
 * <p>A test and not a Maven plugin, because Checkstyle needs a newer Java than Maven may run on.
 */
final class CheckstyleTest {

  @TempDir Path folder;

  @Test
  void tree_keepsTheRules() throws Exception {
    List<File> sources = sources(root());

    assertThat(sources).hasSizeGreaterThan(5);
    assertThat(violations(sources)).isEmpty();
  }

  @Test
  void cleanFile_passes() throws Exception {
    assertThat(rulesBrokenBy(resource("clean"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AvoidStarImport",
        "EmptyBlock",
        "MissingJavadocType",
        "ParameterNumber",
        "TypeName",
        "console",
        "skippedTest",
        "skippedTest-assumption",
        "sleep",
        "todo"
      })
  void plant_failsItsRuleAndNoOther(String plant) throws Exception {
    String rule = plant.replaceFirst("-.*", "");

    assertThat(rulesBrokenBy(resource(plant))).isNotEmpty().containsOnly(rule);
  }

  @Test
  void methodOf61Lines_fails() throws Exception {
    assertThat(rulesBrokenBy(method(60))).isEmpty();
    assertThat(rulesBrokenBy(method(61))).containsExactly("MethodLength");
  }

  @Test
  void fileOf501Lines_fails() throws Exception {
    String clean = resource("clean");
    int missing = 500 - clean.split("\n").length;

    assertThat(rulesBrokenBy(clean + "\n".repeat(missing))).isEmpty();
    assertThat(rulesBrokenBy(clean + "\n".repeat(missing + 1))).containsExactly("FileLength");
  }

  @Test
  void packageWithoutDescription_fails() throws Exception {
    Path file = Files.writeString(folder.resolve("Plant.java"), resource("clean"));

    assertThat(violations(List.of(file.toFile())))
        .singleElement()
        .asString()
        .startsWith("JavadocPackage");
  }

  private static String method(int lines) {
    return """
    package plant;

    /** Runs on. */
    final class Plant {
      void run() {
    %s  }
    }
    """
        .formatted("    run();\n".repeat(lines - 2));
  }

  private List<String> rulesBrokenBy(String source) throws Exception {
    Files.writeString(folder.resolve("package-info.java"), "/** Plants. */\npackage plant;\n");
    Path file = Files.writeString(folder.resolve("Plant.java"), source);
    return violations(List.of(file.toFile())).stream()
        .map(violation -> violation.substring(0, violation.indexOf(' ')))
        .toList();
  }

  /** One line per violation: rule, then place and message. */
  private static List<String> violations(List<File> files) throws CheckstyleException {
    var found = new Violations();
    var checker = new Checker();
    checker.setModuleClassLoader(Checker.class.getClassLoader());
    checker.configure(
        ConfigurationLoader.loadConfiguration(
            root().resolve("config/checkstyle.xml").toString(),
            new PropertiesExpander(new Properties()),
            IgnoredModulesOptions.EXECUTE));
    checker.addListener(found);
    checker.process(files);
    checker.destroy();
    return found.lines;
  }

  private static List<File> sources(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .map(module -> module.resolve("src"))
          .filter(Files::isDirectory)
          .flatMap(CheckstyleTest::javaFiles)
          .toList();
    }
  }

  private static Stream<File> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::toFile)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The root of the repository, wherever the tests were started. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("config/checkstyle.xml"))) {
      folder = Objects.requireNonNull(folder.getParent(), "config/checkstyle.xml not found");
    }
    return folder;
  }

  private static String resource(String plant) throws IOException {
    String name = "/plants/checkstyle/" + plant + ".txt";
    try (InputStream in = CheckstyleTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    }
  }

  /** Keeps what Checkstyle reports. */
  private static final class Violations implements AuditListener {

    private final List<String> lines = new ArrayList<>();

    @Override
    public void addError(AuditEvent event) {
      String id = event.getModuleId();
      String check = event.getSourceName().replaceFirst(".*\\.(\\w+)Check$", "$1");
      lines.add(
          (id == null ? check : id)
              + " "
              + event.getFileName()
              + ":"
              + event.getLine()
              + " "
              + event.getMessage());
    }

    @Override
    public void addException(AuditEvent event, Throwable problem) {
      throw new IllegalStateException(event.getFileName(), problem);
    }

    @Override
    public void auditStarted(AuditEvent event) {}

    @Override
    public void auditFinished(AuditEvent event) {}

    @Override
    public void fileStarted(AuditEvent event) {}

    @Override
    public void fileFinished(AuditEvent event) {}
  }
}
