package dev.millrace.it.rig;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The end of a run fails on each fault it looks for, and on nothing else: here they are planted.
 */
final class MillraceTest {

  private static void runWith(String fault) throws IOException {
    Process process =
        new ProcessBuilder(
                Launch.javaTool("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                System.getProperty("java.class.path"),
                LeakyServer.class.getName(),
                fault)
            .start();
    try (Millrace watched = new Millrace(process)) {
      watched.awaitListening();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "leak, LEAK: ByteBuf.release()",
    "throw, Exception in thread \"main\"",
    "exit, exit code 3 after SIGTERM"
  })
  void plantedFault_failsTheRun(String fault, String found) {
    assertThatThrownBy(() -> runWith(fault))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(found);
  }

  @Test
  void runWithoutAFault_passes() {
    assertThatCode(() -> runWith("none")).doesNotThrowAnyException();
  }
}
