package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The build writes the version where the process finds it. */
final class BuildVersionTest {

  @Test
  void version_isTheOneOfTheBuild() {
    assertThat(BuildVersion.read()).matches("[0-9]+\\.[0-9]+\\.[0-9]+.*");
  }
}
