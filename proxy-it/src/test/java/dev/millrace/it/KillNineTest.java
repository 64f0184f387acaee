package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The process is killed at random instants of a load; what is stored is whole and nothing else is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KillNineTest {
  private static final int ROUNDS = 20;
  private static final int CLIENTS = 6;
  private static final int PATHS = 400;

  /** A kill between two fills proves little: so many rounds at least must leave a staged file. */
  private static final int FILLS_HIT_MIN = ROUNDS / 4;

  private static final int LARGEST_BYTES = 4 << 20;
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(10);

  @RegisterExtension final Rig rig = Rig.with("max_connections: 16");

  @Test
  void kill_atRandomInstants_leavesOnlyWholeObjects() throws Exception {
    Random random = Seed.of("the kills").random(0);
    rig.origin().otherwise(KillNineTest::answer);
    int stored = 0;
    int fillsHit = 0;
    int hits = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Load load = new Load(new Seed(random.nextLong()));
      rig.await("the load has begun", () -> load.answers.get() > 0);
      Await.pass(Duration.ofMillis(random.nextInt(900)));
      rig.millrace().kill();
      load.end();
      int staged = rig.folder().spool().size();
      Set<String> named = artifacts();
      fillsHit += staged == 0 ? 0 : 1;
      rig.killAndRestart();
      awaitRecovered(rig.millrace());
      stored = checkStore(round);
      assertThat(named.stream().filter(path -> !isStored(path)))
          .as("committed before kill " + round + " and gone after it")
          .isEmpty();
      System.out.printf(
          "round %d: %d answers, %d hits; %d staged files, %d artifacts; %d blobs%n",
          round, load.answers.get(), load.hits.get(), staged, named.size(), stored);
      hits += load.hits.get();
    }
    assertThat(hits).as("hits among the load").isPositive();
    assertThat(stored).isPositive();
    assertThat(fillsHit).as("rounds that hit a running fill").isGreaterThanOrEqualTo(FILLS_HIT_MIN);
    checkEveryPath();
  }

  /** The path names seed and size of the body: any process can make it, none has to keep it. */
  private static void answer(Exchange exchange) throws IOException {
    int number = Integer.parseInt(exchange.request().path().replaceAll("\\D", ""));
    Content.of(body(number)).etag("\"" + number + "\"").answer(exchange);
  }

  private static Body body(int number) {
    Random random = new Random(number);
    int length = number % 10 == 0 ? random.nextInt(LARGEST_BYTES) : random.nextInt(64 * 1024);
    return Body.random(1 + length, number);
  }

  /** The paths that the catalog of the dead process names. */
  private Set<String> artifacts() throws SQLException {
    try (Connection catalog = open()) {
      return column(catalog, "SELECT path FROM artifacts");
    }
  }

  private boolean isStored(String path) {
    return rig.head("/" + path).head().source().equals("cache");
  }

  /**
   * One GET and where its whole body came from; empty when the process was gone. Wrong bytes fail
   * whatever the process does.
   */
  private String askOnce(int number) {
    Body body = body(number);
    try (RawClient client = RawClient.connect(rig.millrace().port())) {
      Head head = client.request("GET", Rig.target("/k" + number)).headOrNull();
      if (head == null || head.status() != 200) {
        return "";
      }
      Download got = Download.finish(client, head, body);
      assertThat(got.wrongAtBytes()).as(got.toString()).isEqualTo(-1);
      if (got.end() == End.WHOLE) {
        assertThat(got.rightBytes()).isEqualTo(body.lengthBytes());
      }
      return got.end() == End.WHOLE ? head.source() : "";
    } catch (IllegalStateException e) {
      return ""; // refused: killed between two requests
    }
  }

  private void awaitRecovered(Millrace millrace) {
    rig.await(
        "recovery is done",
        RECOVERY_LIMIT,
        () -> millrace.metrics().sum("millrace_recovery_done") == 1);
  }

  /** Files hash to their names, catalog and files agree, the spool is empty. */
  private int checkStore(int round) throws SQLException {
    rig.folder().checkBlobs();
    assertThat(rig.folder().spool()).as("spool after round " + round).isEmpty();
    Set<String> files = new TreeSet<>();
    for (Path blob : rig.folder().blobs()) {
      files.add(blob.getFileName().toString());
    }
    try (Connection catalog = open()) {
      assertThat(column(catalog, "SELECT sha256 FROM blobs")).isEqualTo(files);
      assertThat(files).containsAll(column(catalog, "SELECT sha256 FROM artifacts"));
    }
    return files.size();
  }

  private Connection open() throws SQLException {
    Path file = rig.folder().root().resolve("catalog.sqlite");
    return DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro");
  }

  private static Set<String> column(Connection catalog, String query) throws SQLException {
    Set<String> values = new TreeSet<>();
    try (Statement statement = catalog.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  /** After all rounds each path is answered right, and a second time from the store. */
  private void checkEveryPath() {
    List<Boolean> right = Background.all(CLIENTS, part -> () -> askEach(part));
    assertThat(right).containsOnly(true);
    rig.awaitStored("/k" + (PATHS - 1));
    int before = rig.origin().requests();
    for (int n = 0; n < 40; n++) {
      rig.awaitStored("/k" + n);
      assertThat(askOnce(n)).isEqualTo("cache");
    }
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  private boolean askEach(int part) {
    boolean right = true;
    for (int number = part; number < PATHS; number += CLIENTS) {
      right &= !askOnce(number).isEmpty();
    }
    return right;
  }

  /** Clients that ask for random paths until the process is gone. */
  private final class Load {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();
    private final List<Background<Boolean>> clients = new ArrayList<>();

    Load(Seed seed) {
      for (int i = 0; i < CLIENTS; i++) {
        Random random = seed.random(i);
        clients.add(Background.start(() -> ask(random)));
      }
    }

    private boolean ask(Random random) {
      while (!stop.get() && rig.millrace().isAlive()) {
        int number = random.nextInt(PATHS);
        String source = askOnce(number);
        if (!source.isEmpty()) {
          answers.incrementAndGet();
        }
        if (source.equals("cache")) {
          hits.incrementAndGet();
        }
      }
      return true;
    }

    void end() {
      stop.set(true);
      clients.forEach(Background::join);
    }
  }
}
