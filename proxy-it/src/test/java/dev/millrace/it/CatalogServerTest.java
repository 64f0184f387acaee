package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.FaultProxy;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.PostgresServer;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.Weather;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The catalog is on a server of PostgreSQL, which goes away and comes back: nobody gets a wrong
 * body, nobody waits for it, and what was stored stays stored.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CatalogServerTest {
  /** What a request may take while the database is out: the upstream's time and no more. */
  private static final Duration AT_ONCE = Duration.ofMillis(700);

  private final PostgresServer server = PostgresServer.start();
  private final FaultProxy path = FaultProxy.before(server.port());

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .settings(
              PostgresServer.settings(
                  Integer.parseInt(path.url().substring(path.url().lastIndexOf(':') + 1))));

  @AfterAll
  void close() {
    path.close();
    server.close();
  }

  /** Rows and files tell the same, and every file is what its name says. */
  @AfterEach
  void catalogAndFilesAgree() {
    rig.await("the catalog is there", () -> !isOut());
    rig.await(
        "as many rows as files",
        () -> server.number("SELECT COUNT(*) FROM blobs") == rig.folder().blobs().size());
    rig.folder().checkBlobs();
    assertThat(
            server.number(
                "SELECT COUNT(*) FROM artifacts a"
                    + " WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha256 = a.sha256)"))
        .isZero();
  }

  private boolean isOut() {
    return rig.millrace().metrics().sum("millrace_catalog_out") > 0;
  }

  private Body offer(String at, int size, int seed) {
    Body body = Body.random(size, seed);
    rig.origin().at(at, Content.of(body));
    return body;
  }

  /** A whole fill is served as if it were stored, so only the row tells. */
  private void awaitRow(String at) {
    rig.await(
        "recorded: " + at,
        () ->
            server.number(
                    "SELECT COUNT(*) FROM artifacts WHERE path = '%s'".formatted(at.substring(1)))
                == 1);
  }

  /** Asks for what the product has to record until it has noticed. */
  private void awaitNoticed() {
    rig.await(
        "it is noticed",
        () -> {
          String at = rig.path("noticed");
          offer(at, 20_000, 7);
          rig.get(at);
          return isOut();
        });
  }

  private void assertServed(String at, Body body, String source) {
    Answer answer = rig.get(at);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(answer.head().source()).isEqualTo(source);
  }

  @Test
  void whatIsStored_isServedFromTheStore_alsoAfterARestartAndAKill() {
    String large = rig.path("large.bin");
    String small = rig.path("small.bin");
    Body largeBody = offer(large, 3 << 20, 1);
    Body smallBody = offer(small, 1000, 2);
    assertServed(large, largeBody, "remote");
    assertServed(small, smallBody, "remote");
    awaitRow(large);
    awaitRow(small);

    rig.restart();
    assertServed(large, largeBody, "cache");
    assertServed(small, smallBody, "cache");
    rig.killAndRestart();
    assertServed(large, largeBody, "cache");

    assertThat(rig.getTarget("/ready").text()).contains("\"postgresql\":true");
    assertThat(rig.folder().root().resolve("catalog.sqlite")).doesNotExist();
    assertThat(rig.origin().gets(large)).isEqualTo(1);
    rig.await(
        "accesses are counted",
        () -> server.number("SELECT hits FROM artifacts WHERE path LIKE '%large.bin'") >= 1);
  }

  @Test
  void databaseThatStops_isSurvived_andUsedAgain() {
    String hot = rig.path("hot.bin");
    Body hotBody = offer(hot, 200_000, 3);
    assertServed(hot, hotBody, "remote");
    awaitRow(hot);
    int files = rig.folder().blobs().size();

    server.stop();
    awaitNoticed();

    for (int i = 0; i < 5; i++) {
      String at = rig.path("while-out" + i);
      Body body = offer(at, 100_000 + i, 10 + i);
      assertThat(Await.time(() -> assertServed(at, body, "remote"))).isLessThan(AT_ONCE);
      assertThat(Await.time(() -> assertServed(hot, hotBody, "cache"))).isLessThan(AT_ONCE);
    }
    Answer ready = rig.getTarget("/ready");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.text()).contains("\"degraded\"").contains("\"postgresql\":false");
    rig.await(
        "refused commits are counted",
        () -> rig.millrace().metrics().sum("millrace_commit_failures_total") >= 5);
    assertThat(rig.folder().blobs()).as("no file without a row").hasSize(files);

    server.startAgain();
    rig.await("it is back", () -> !isOut());
    String later = rig.path("later.bin");
    Body laterBody = offer(later, 50_000, 4);
    assertServed(later, laterBody, "remote");
    awaitRow(later);
    rig.restart();
    assertServed(later, laterBody, "cache");
    assertServed(hot, hotBody, "cache");
  }

  @Test
  void databaseThatFallsSilent_holdsUpNobodyForLong() {
    String stored = rig.path("stored.bin");
    Body storedBody = offer(stored, 5_000, 5);
    assertServed(stored, storedBody, "remote");
    awaitRow(stored);
    path.weather(Weather.MUTE);
    server.cutClients();
    awaitNoticed();
    for (int i = 0; i < 5; i++) {
      String at = rig.path("mute" + i);
      Body body = offer(at, 5_000, 20 + i);
      assertThat(Await.time(() -> assertServed(at, body, "remote"))).isLessThan(AT_ONCE);
    }
    assertServed(stored, storedBody, "cache");

    path.weather(Weather.CLEAR);
    rig.await("it is back", () -> !isOut());
  }

  @Test
  void databaseThatComesAndGoesUnderLoad_costsNoBody() {
    List<String> paths = new ArrayList<>();
    List<Body> bodies = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      paths.add(rig.path("load" + i));
      bodies.add(offer(paths.get(i), i % 2 == 0 ? 3_000 : 300_000, 100 + i));
    }
    AtomicBoolean over = new AtomicBoolean();
    List<Background<Integer>> clients = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      int client = c;
      clients.add(
          Background.start(() -> {
            int served = 0;
            for (int i = client; !over.get(); i += 3) {
              int which = i % paths.size();
              Answer answer = rig.get(paths.get(which));
              assertThat(answer.status()).isEqualTo(200);
              assertThat(answer.mismatch(bodies.get(which).bytes())).isEqualTo(-1);
              served++;
            }
            return served;
          }));
    }
    for (int outage = 0; outage < 3; outage++) {
      path.down();
      // More than once, for one may just be coming up.
      rig.await(
          "it is noticed",
          () -> {
            server.cutClients();
            return isOut();
          });
      path.up();
      rig.await("it is back", () -> !isOut());
    }
    over.set(true);

    assertThat(clients).allSatisfy(client -> assertThat(client.join()).isPositive());
    paths.forEach(rig::get);
    paths.forEach(this::awaitRow);
  }

  @Test
  void anotherDataFolder_isRefusedWithAClearWord() {
    Folder other = Folder.create();
    try {
      Path config =
          other.write(
              "millrace.yaml", String.join("\n", PostgresServer.settings(server.port())) + "\n");
      Run second =
          Run.product(
              Launch.of(
                  "serve",
                  "--listen",
                  "127.0.0.1:0",
                  "--data",
                  other.root().toString(),
                  "--config",
                  config.toString(),
                  "--remote",
                  "gen=generic:" + rig.origin().url() + "/base"));

      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.output())
          .contains("belongs to another data folder")
          .doesNotContain("\tat ")
          .doesNotContain("listening on");
    } finally {
      other.delete();
    }
  }
}
