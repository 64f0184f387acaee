package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ranges that are far from what was fetched: of a cold body, and of one that is coming. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FarRangeTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension
  final Rig rig =
      Rig.with("complete_partial: auto").remote("side", "${origin}/base", "parallel_segments: 4");

  private static Content content(Body body) {
    return Content.of(body).ranged().etag("\"far\"");
  }

  private List<String> rangesOf(String path) {
    return rig.origin().received(path).stream().map(request -> range(request)).toList();
  }

  private static String range(Received request) {
    String range = request.first("Range");
    return range == null ? "whole" : range;
  }

  /** A lazy pull: two small parts of two gigabytes, and nothing but them is fetched. */
  @Test
  void partsOfALargeColdBody_areFetchedAlone() {
    Body body = Body.random(2_000 * MIB, 91);
    String path = rig.path("lazy.bin");
    rig.origin().at(path, content(body));
    long before = rig.origin().bodyBytes();

    Answer part = rig.get(path, "Range: bytes=1900000000-1900999999");
    Answer tail = rig.get(path, "Range: bytes=-5000");
    Answer again = rig.get(path, "Range: bytes=1900000500-1900000599");

    assertThat(part.status()).isEqualTo(206);
    assertThat(part.head().first("Content-Range"))
        .isEqualTo("bytes 1900000000-1900999999/" + body.lengthBytes());
    assertThat(part.head().first("ETag")).isEqualTo("\"far\"");
    assertThat(part.body()).isEqualTo(body.slice(1_900_000_000, 1_000_000));
    assertThat(tail.body()).isEqualTo(body.slice(body.lengthBytes() - 5_000, 5_000));
    assertThat(again.body()).isEqualTo(body.slice(1_900_000_500, 100));
    assertThat(rig.origin().bodyBytes() - before).isEqualTo(1_005_000);
    assertThat(rangesOf(path)).hasSize(2).doesNotContain("whole");
  }

  @Test
  void rangeFarAheadOfABodyThatIsComing_doesNotWaitForIt_andAllIsFetchedOnce() {
    Body body = Body.random(64 * MIB, 92);
    String path = rig.path("ahead.bin");
    Gate gate = new Gate(MIB);
    rig.origin()
        .at(
            path,
            exchange ->
                (exchange.request().first("Range") == null
                        ? content(body).gated(gate)
                        : content(body))
                    .answer(exchange));
    Background<Download> whole =
        Background.start(() -> {
          try (RawClient client = rig.client()) {
            return Download.get(client, Rig.target(path), body);
          }
        });
    gate.awaitReached();

    Answer part = rig.get(path, "Range: bytes=40000000-40099999");

    assertThat(part.status()).isEqualTo(206);
    assertThat(part.head().first("Cache-Status")).contains("collapsed");
    assertThat(part.body()).isEqualTo(body.slice(40_000_000, 100_000));
    gate.release();
    assertThat(whole.join().wholeAndRight(body.lengthBytes())).isTrue();
    rig.awaitStored(path);
    assertThat(rangesOf(path).subList(0, 2)).containsExactly("whole", "bytes=40000000-40262143");
    assertThat(rig.get(path).mismatch(body.slice(0, (int) body.lengthBytes()))).isEqualTo(-1);
  }

  /** As containerd pulls one blob: ranges without an end, each closed after its share. */
  @Test
  void stormOfOpenEndedRanges_costsOneFetch() {
    int clients = 16;
    int shares = 32;
    Body body = Body.random(128 * MIB, 93);
    long share = body.lengthBytes() / shares;
    String path = rig.path("storm.bin");
    rig.origin().at(path, content(body));
    long before = rig.origin().bodyBytes();

    List<Boolean> right =
        Background.all(
            clients * shares,
            i ->
                () -> {
                  // Each client begins elsewhere.
                  long first = Math.floorMod(i * 7L + i / shares, shares) * share;
                  return readsShare(path, body, first, share);
                });

    assertThat(right).doesNotContain(false);
    rig.awaitStored(path);
    assertThat(rig.origin().bodyBytes() - before)
        .as("bytes upstream")
        .isLessThan(body.lengthBytes() * 105 / 100);
  }

  private boolean readsShare(String path, Body body, long first, long share) {
    try (RawClient client = rig.client()) {
      Head head = client.request("GET", Rig.target(path), "Range: bytes=" + first + "-").head();
      Body.Check check = body.checkFrom(first);
      client.drain(
          head,
          "GET",
          (bytes, length) -> check.accept(bytes, length) && check.rightBytes() < share);
      boolean right = check.rightBytes() >= share && check.wrongAtBytes() < 0;
      client.abort();
      return right && head.status() == 206;
    }
  }

  @Test
  void upstreamThatLimitsEachConnection_isAskedAtSeveralPlaces() {
    Body body = Body.random(40 * MIB, 94);
    String path = rig.path("parallel.bin");
    rig.origin().at(path, content(body));

    try (RawClient client = rig.client()) {
      Download got = Download.get(client, "/api/v1/remote/side" + path, body);
      assertThat(got.wholeAndRight(body.lengthBytes())).isTrue();
    }

    assertThat(rangesOf(path)).hasSize(5).doesNotContain("whole");
    assertThat(rig.origin().received(path).stream().map(Received::connection).distinct().count())
        .isGreaterThan(1);
  }

  /** Killed while it had the end but not the middle, it does not take that for a beginning. */
  @Test
  void killedWithAGap_beginsAnew() {
    Body body = Body.random(64 * MIB, 95);
    String path = rig.path("killed.bin");
    Gate gate = new Gate(4 * MIB);
    rig.origin()
        .at(
            path,
            exchange ->
                (exchange.request().first("Range") == null
                        ? content(body).gated(gate)
                        : content(body))
                    .answer(exchange));
    Background<Download> whole =
        Background.start(() -> {
          try (RawClient client = rig.client()) {
            return Download.get(client, Rig.target(path), body);
          }
        });
    gate.awaitReached();
    assertThat(rig.get(path, "Range: bytes=60000000-60099999").status()).isEqualTo(206);
    rig.await(
        "the note is gone",
        () -> rig.folder().spool().stream().noneMatch(file -> file.toString().endsWith(".note")));

    rig.killAndRestart();
    whole.join();
    gate.release();
    rig.origin().at(path, content(body));
    try (RawClient client = rig.client()) {
      Download got = Download.get(client, Rig.target(path), body);
      assertThat(got.wholeAndRight(body.lengthBytes())).isTrue();
    }
  }
}
