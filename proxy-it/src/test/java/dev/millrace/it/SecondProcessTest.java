package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One data folder belongs to one process; a crash gives it back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecondProcessTest {
  @RegisterExtension final Rig rig = Rig.with();

  @Test
  void secondProcess_isRefusedWithAClearWord_andAKillOfTheFirstFreesTheFolder() {
    rig.origin().at("/shared.bin", Content.of("kept"));
    rig.get("/shared.bin");
    rig.awaitStored("/shared.bin");

    Run second = Run.product(rig.launch());

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.output()).contains(rig.folder().root().toString());
    assertThat(second.output()).containsAnyOf("in use", "lock", "another process");
    assertThat(second.output()).doesNotContain("\tat ").doesNotContain("listening on");
    assertThat(rig.get("/shared.bin").head().source()).isEqualTo("cache");

    Millrace first = rig.millrace();
    rig.killAndRestart();
    assertThat(rig.millrace().pid()).isNotEqualTo(first.pid());
    assertThat(rig.get("/shared.bin").head().source()).isEqualTo("cache");
  }

  @Test
  void portThatIsTaken_isAClearErrorToo() {
    Folder other = Folder.create();
    try {
      String taken = "127.0.0.1:" + rig.millrace().port();
      Run run =
          Run.product(
              Launch.of(
                  "serve",
                  "--listen",
                  taken,
                  "--data",
                  other.root().toString(),
                  "--remote",
                  "gen=generic:" + rig.origin().url() + "/base"));

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output()).contains(taken).doesNotContain("\tat ");
    } finally {
      other.delete();
    }
  }
}
