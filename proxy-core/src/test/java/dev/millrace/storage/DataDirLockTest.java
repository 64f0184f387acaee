package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process at a time has a data folder. */
@Timeout(60)
final class DataDirLockTest {
  private final Path data;

  DataDirLockTest(@TempDir Path data) {
    this.data = data;
  }

  @Test
  void secondHolder_isRefusedWithTheFoldersName() throws IOException {
    try (DataDirLock first = DataDirLock.acquire(data)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> DataDirLock.acquire(data))
          .isInstanceOf(DataDirBusyException.class)
          .hasMessage("data folder " + data + " is used by another process");
    }
  }

  @Test
  void closedLock_isFreeAgain() throws IOException {
    DataDirLock.acquire(data).close();
    DataDirLock.acquire(data).close();
  }

  @Test
  void missingFolder_isMade() throws IOException {
    DataDirLock.acquire(data.resolve("a/b")).close();
    assertThat(data.resolve("a/b")).isDirectory();
  }

  @Test
  void otherProcess_keepsTheFolderUntilItIsKilled() throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
      assertThat(said.readLine()).isEqualTo("held");
      assertThatThrownBy(() -> DataDirLock.acquire(data)).isInstanceOf(DataDirBusyException.class);
    } finally {
      other.destroyForcibly();
      assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    DataDirLock.acquire(data).close();
  }

  /** The other process: takes the lock, says so, and waits to be killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (DataDirLock lock = DataDirLock.acquire(Path.of(args[0]))) {
        System.out.println("held");
        int read = System.in.read();
        throw new AssertionError(lock.hashCode() + " was to be killed, read " + read);
      }
    }
  }
}
