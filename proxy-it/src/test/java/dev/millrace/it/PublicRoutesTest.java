package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes that need no right to read (traps MG10 to MG12). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PublicRoutesTest {
  private static final String SECRET = "s3cr3t-route";

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .remote("cred", "${origin}/hidden-base", "username: robot-user", "password: " + SECRET);

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/ready", "/version", "/metrics"})
  void mg10_publicRoutes_answer_withoutSecretsOrUpstreamUrls(String route) {
    Answer answer = rig.getTarget(route);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).doesNotContain(SECRET, "robot-user", "hidden-base");
    assertThat(answer.head().toString()).doesNotContain(SECRET);
  }

  @Test
  void version_namesTheProgram() {
    Answer answer = rig.getTarget("/version");

    assertThat(answer.head().text("Content-Type")).startsWith("application/json");
    assertThat(answer.text())
        .contains("\"name\"")
        .contains("\"version\"")
        .containsIgnoringCase("millrace");
  }

  @Test
  void metrics_haveHelpAndType_forEachName() {
    String text = rig.getTarget("/metrics").text();
    List<String> helped =
        text.lines().filter(l -> l.startsWith("# HELP ")).map(l -> l.split(" ", 4)[2]).toList();

    assertThat(helped).isNotEmpty().allMatch(name -> !name.isBlank());
    assertThat(text.lines().filter(l -> l.startsWith("# TYPE ")).count()).isEqualTo(helped.size());
    assertThat(rig.millrace().metrics().has("millrace_recovery_done")).isTrue();
  }

  @Test
  void mg11_manyDistinctPathsAndClients_addNoSeries() {
    rig.origin().otherwise(Content.of("x"));
    rig.get("/warm");
    rig.getTarget("/nowhere/warm");
    rig.getTarget("/api/v1/remote/unknown-warm/x");
    int before = rig.millrace().metrics().series();

    try (RawClient client = rig.client()) {
      for (int i = 0; i < 500; i++) {
        client.get(Rig.target("/distinct/" + i), "User-Agent: agent-" + i);
        client.get("/nowhere/" + i);
        client.get("/api/v1/remote/unknown" + i + "/x");
      }
    }

    assertThat(rig.millrace().metrics().series()).isLessThan(before + 30);
  }

  /** MG12: without a listen address it binds loopback; when that port is taken it says so. */
  @Test
  void mg12_startWithoutListenAddress_listensOnLoopback() {
    Folder folder = Folder.create();
    String remote = "gen=generic:" + rig.origin().url() + "/base";
    Launch launch = Launch.of("serve", "--data", folder.root().toString(), "--remote", remote);
    try (Millrace started = Millrace.startOrRefuse(launch)) {
      assertThat(started.output())
          .anyMatch(line -> line.contains("127.0.0.1:8000"))
          .noneMatch(line -> line.contains("0.0.0.0"));
    } finally {
      folder.delete();
    }
  }
}
