package dev.millrace.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The bar tells how far it is and how long it takes. */
final class ProgressTest {
  @Test
  void bar_saysTheTimeLeft() {
    assertThat(Progress.bar(1, 4, Duration.ofSeconds(50)))
        .contains("1/4", "2 min 30 s left")
        .startsWith("[=======  ");
    assertThat(Progress.bar(0, 4, Duration.ZERO)).endsWith("0/4");
  }
}
