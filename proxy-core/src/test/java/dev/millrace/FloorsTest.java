package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The class files keep the floors and the code rules, and each rule catches its plants.
 *
 * <p>The plants are the classes under the package {@code plants}: a small tree of the same shape in
 * which the classes named below each break one rule, and all others break none.
 */
final class FloorsTest {

  private static final Map<String, List<String>> PLANTS =
      Map.of(
          "importsGoDown", List.of("plants.artifact.ImportsServer"),
          "noCycles", List.of("plants.exchange.Ring", "plants.virtual.Ring"),
          "everyPackageHasAFloor", List.of("plants.Stray", "plants.drawer.Stray"),
          "nothingImportsMain", List.of("plants.cli.ImportsMain"),
          "filesOnlyInStorage", List.of("plants.fill.OpensFile"),
          "channelsOnlyFromFillUp",
              List.of(
                  "plants.format.HoldsBuffer", "plants.policy.HoldsLoop", "plants.storage.Sends"),
          "noClockOutsideMain", List.of("plants.route.ReadsClock", "plants.store.ThrowsDice"),
          "handlersAreFinal", List.of("plants.serve.OpenHandler"),
          "sharableHandlersDoNotChange", List.of("plants.serve.CountingHandler"),
          "staticsDoNotChange", List.of("plants.store.HoldsState"));

  @TestFactory
  Stream<DynamicTest> millrace_keepsEveryRule() {
    JavaClasses own =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace");
    assertThat(own.contain(Main.class)).isTrue();
    return tests("dev.millrace", (name, rule) -> rule.check(own));
  }

  @TestFactory
  Stream<DynamicTest> plants_failTheirRuleAndNoOther() {
    JavaClasses plants = new ClassFileImporter().importPackages("plants");
    return tests(
        "plants",
        (name, rule) -> {
          String report = String.join("\n", rule.evaluate(plants).getFailureReport().getDetails());
          List<String> expected = PLANTS.getOrDefault(name, List.of());

          assertThat(expected).isNotEmpty().allSatisfy(plant -> assertThat(report).contains(plant));
          PLANTS.values().stream()
              .flatMap(List::stream)
              .filter(plant -> !expected.contains(plant))
              .forEach(plant -> assertThat(report).doesNotContain(plant));
          assertThat(report)
              .doesNotContain("plants.storage.Keeps", "plants.route.ReadsHeaders")
              .doesNotContain("Method <plants.Main.");
        });
  }

  @Test
  void everyPlantedRule_exists() {
    assertThat(rules("plants").keySet()).isEqualTo(PLANTS.keySet());
  }

  private static Stream<DynamicTest> tests(String root, Check check) {
    return rules(root).entrySet().stream()
        .map(rule ->
            DynamicTest.dynamicTest(
                rule.getKey(), () -> check.run(rule.getKey(), rule.getValue())));
  }

  private static Map<String, ArchRule> rules(String root) {
    var floors = new Floors(root);
    var code = new CodeRules(floors);
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("importsGoDown", floors.importsGoDown());
    rules.put("noCycles", floors.noCycles());
    rules.put("everyPackageHasAFloor", floors.everyPackageHasAFloor());
    rules.put("nothingImportsMain", floors.nothingImportsMain());
    rules.put("filesOnlyInStorage", floors.filesOnlyInStorage());
    rules.put("channelsOnlyFromFillUp", floors.channelsOnlyFromFillUp());
    rules.put("noClockOutsideMain", code.noClockOutsideMain());
    rules.put("handlersAreFinal", code.handlersAreFinal());
    rules.put("sharableHandlersDoNotChange", code.sharableHandlersDoNotChange());
    rules.put("staticsDoNotChange", code.staticsDoNotChange());
    return rules;
  }

  /** What is done with a rule. */
  @FunctionalInterface
  private interface Check {
    void run(String name, ArchRule rule);
  }
}
