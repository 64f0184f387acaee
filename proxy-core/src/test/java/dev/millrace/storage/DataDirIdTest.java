package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder keeps the id that it was given first. */
final class DataDirIdTest {
  private static final String FIRST = "11111111-2222-3333-4444-555555555555";
  private static final String LATER = "66666666-7777-8888-9999-000000000000";

  @TempDir private Path folder;

  @Test
  void firstId_isKept() throws IOException {
    assertThat(DataDirId.of(folder, FIRST)).isEqualTo(FIRST);
    assertThat(DataDirId.of(folder, LATER)).isEqualTo(FIRST);
    assertThat(Files.readString(folder.resolve("catalog.id"))).isEqualTo(FIRST + "\n");
    try (var entries = Files.list(folder)) {
      assertThat(entries).hasSize(1);
    }
  }

  /** A crash in the middle of the first start. */
  @Test
  void idThatWasNotFinished_isWrittenAnew() throws IOException {
    Files.writeString(folder.resolve("catalog.id.new"), FIRST.substring(0, 7));
    assertThat(DataDirId.of(folder, LATER)).isEqualTo(LATER);
  }

  @Test
  void fileThatHoldsNoId_isRefused_andLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("catalog.id"), "mine");
    assertThatThrownBy(() -> DataDirId.of(folder, FIRST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    assertThat(Files.readString(file)).isEqualTo("mine");
  }
}
