package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.FaultProxy;
import dev.millrace.it.rig.Origin;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Weather;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The upstream is out: what is stored is served, who asks for more is told at once, and it ends.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OutageTest {
  private static final int FAILURES = 10;

  private final Origin origin = Origin.start();
  private final FaultProxy path = FaultProxy.before(origin.port());

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .remote(
              "far",
              path.url() + "/base",
              "upstream_response_header_timeout: 1",
              "mutable_patterns: [\"index\"]",
              "mutable_ttl: 1ms");

  @AfterAll
  void close() {
    path.close();
    origin.close();
  }

  private Answer get(String at) {
    return rig.getTarget("/api/v1/remote/far" + at);
  }

  @Test
  void muteUpstream_isAskedNoMore_staleIsServedAtOnce_andItIsFoundAgain() {
    origin.at("/index", Content.of("the index").etag("\"1\"")).at("/other", Content.of("other"));
    assertThat(get("/index").text()).isEqualTo("the index");
    rig.await("stored", () -> rig.folder().blobBytes() > 0);
    origin.dropConnections();
    path.weather(Weather.MUTE);
    int before = path.connections();

    // Side by side, for each takes as long as a head may.
    assertThat(Background.all(FAILURES, i -> () -> get("/absent" + i).status())).containsOnly(504);
    Duration stale =
        Await.time(() -> {
          Answer index = get("/index");
          assertThat(index.text()).isEqualTo("the index");
          assertThat(index.head().first("Cache-Status")).contains("fwd=stale");
        });
    Answer refused = get("/other");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.head().first("Retry-After")).isEqualTo("1");
    assertThat(refused.head().first("Cache-Status")).contains("detail=circuit-open");
    assertThat(stale).as("nobody waits for the head").isLessThan(Duration.ofMillis(900));
    assertThat(path.connections() - before).isEqualTo(FAILURES);
    assertThat(rig.millrace().metrics().sum("millrace_upstream_circuits_opened_total"))
        .isEqualTo(1);

    path.weather(Weather.CLEAR);
    rig.await("found again", () -> get("/other").status() == 200);
    assertThat(get("/other").text()).isEqualTo("other");
  }
}
