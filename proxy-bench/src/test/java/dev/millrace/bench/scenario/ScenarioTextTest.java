package dev.millrace.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Names, sizes and what is computed before a run. */
final class ScenarioTextTest {
  @Test
  void scenarios_haveNamesOfTheirOwn() {
    assertThat(Scenarios.all(1 << 30)).extracting(Scenario::name).doesNotHaveDuplicates();
    assertThat(Scenarios.named("s1", 1 << 30)).isPresent();
    assertThat(Scenarios.named("S0", 1 << 30)).isEmpty();
  }

  @Test
  void sizes_areWrittenInTheirLargestUnit() {
    assertThat(Sizes.of(4096)).isEqualTo("4 KiB");
    assertThat(Sizes.of(1 << 30)).isEqualTo("1 GiB");
    assertThat(Sizes.of(1500)).isEqualTo("1500 B");
  }

  @Test
  void figure_isFoundByItsLabel() {
    for (Figure figure : Figure.values()) {
      assertThat(Figure.of(figure.label())).isEqualTo(figure);
    }
  }

  @Test
  void socketBuffers_areAddedUp() {
    String line = "ESTAB 0 0 a b\n\t skmem:(r10,rb131072,t0,tb2626560,f2496,w5,o0,bl0,d0)\n";

    assertThat(SocketBuffers.parse(line + line)).isEqualTo(30);
  }

  @Test
  void lengths_followTheirQuantiles() {
    assertThat(MixedEdge.length(0)).isEqualTo(512);
    assertThat(MixedEdge.length(0.5)).isEqualTo(2 << 20);
    assertThat(MixedEdge.length(1)).isEqualTo(64 << 20);
    assertThat(MixedEdge.length(0.6)).isBetween(2L << 20, 12L << 20);
  }

  @Test
  void shares_riseToOneAndFavourTheFirst() {
    double[] shares = MixedEdge.shares(10);

    assertThat(shares).isSorted();
    assertThat(shares[9]).isEqualTo(1);
    assertThat(shares[0]).isGreaterThan(0.2);
  }
}
