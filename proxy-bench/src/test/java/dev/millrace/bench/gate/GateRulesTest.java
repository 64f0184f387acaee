package dev.millrace.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.gate.GateRow.Bound;
import dev.millrace.bench.gate.GateRow.ProbeName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds, verdicts, the file of rows, and the plants. */
final class GateRulesTest {
  private static final Bound AT_MOST = new Bound(false, 100, 0.1);

  @TempDir Path folder;

  @Test
  void bound_hasItsTolerance() {
    assertThat(AT_MOST.allows(110)).isTrue();
    assertThat(AT_MOST.allows(110.1)).isFalse();
    assertThat(new Bound(true, 100, 0.1).allows(90)).isTrue();
    assertThat(new Bound(true, 100, 0.1).allows(89.9)).isFalse();
    assertThat(new Bound(false, 0, 0.5).allows(0.1)).isFalse();
  }

  @Test
  void verdict_failsOnlyWhenEveryRepeatIsBeyond() {
    assertThat(Verdict.of(AT_MOST, List.of(1.0, 2.0))).isEqualTo(Verdict.PASS);
    assertThat(Verdict.of(AT_MOST, List.of(200.0, 300.0))).isEqualTo(Verdict.FAIL);
    assertThat(Verdict.of(AT_MOST, List.of(200.0, 100.0))).isEqualTo(Verdict.NOISY);
    assertThat(Verdict.of(AT_MOST, List.of())).isEqualTo(Verdict.SKIPPED);
  }

  @Test
  void whatCannotBeMeasured_failsUnlessItIsOptional() {
    assertThat(outcome(false).isFailure()).isTrue();
    assertThat(outcome(true).isFailure()).isFalse();
  }

  private static Gate.Outcome outcome(boolean optional) {
    GateRow row = new GateRow("x", ProbeName.CALLS, AT_MOST, 1, optional, "why");
    return new Gate.Outcome(row, List.of(), Verdict.SKIPPED);
  }

  @Test
  void row_isRead() {
    String text = "rows: [{figure: a, probe: cold, at_most: 4, tolerance: 0.5, comment: why}]";

    assertThat(GateFile.parse(text))
        .containsExactly(
            new GateRow("a", ProbeName.COLD, new Bound(false, 4, 0.5), 1, false, "why"));
  }

  @Test
  void faultyRow_isRefused() {
    assertThatThrownBy(() -> GateFile.parse("rows: [{figure: a, probe: cold, comment: c}]"))
        .hasMessageContaining("at_most");
    assertThatThrownBy(() -> GateFile.parse("rows: [{figure: a, limit: 4}]"))
        .hasMessageContaining("limit");
  }

  @Test
  void treesOwnRows_areReadAndCoverThePlants() throws Exception {
    List<String> figures = Gate.rows(root()).stream().map(GateRow::figure).toList();

    assertThat(Plant.all(root())).hasSize(5);
    assertThat(figures).containsAll(Plant.all(root()).stream().map(Plant::figure).toList());
  }

  @Test
  void plantThatSaysNoFigure_isRefused() throws Exception {
    Path patch = Files.writeString(folder.resolve("x.patch"), "diff --git a b\n");

    assertThatThrownBy(() -> Plant.read(patch)).hasMessageContaining("Fails: ");
  }

  @Test
  void totalOfSystemCalls_isRead() {
    String table =
        """
        % time     seconds  usecs/call     calls    errors syscall
        ------ ----------- ----------- --------- --------- ----------------
        100.00    0.012345           3      4321        12 total
        """;

    assertThat(SystemCalls.total(table)).hasValue(4321);
    assertThat(SystemCalls.total("")).isEmpty();
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (Stream.of("bin/millrace", "proxy-bench").anyMatch(not(folder))) {
      folder = Objects.requireNonNull(folder.getParent());
    }
    return folder;
  }

  private static java.util.function.Predicate<String> not(Path folder) {
    return name -> !Files.exists(folder.resolve(name));
  }
}
