package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.LogLine;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each request leaves one line of JSON that says how it went. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RequestLogTest {
  private static final Body BODY = Body.random(2 << 20, 171);
  private static final String DIGEST = "sha256:" + BODY.sha256();

  @RegisterExtension
  final Rig rig = Rig.with("blocklist: ['forbidden']").limits("resume_wait: 200ms");

  /** The only line of a path and an outcome; a line comes after the client has its answer. */
  private LogLine line(String path, String outcome) {
    rig.await("a line of " + outcome, () -> !lines(path, outcome).isEmpty());
    assertThat(lines(path, outcome)).hasSize(1);
    return lines(path, outcome).getFirst();
  }

  private List<LogLine> lines(String path, String outcome) {
    return lines(path).stream().filter(line -> line.text("outcome").equals(outcome)).toList();
  }

  private List<LogLine> lines(String path) {
    return LogLine.all(rig.millrace().output()).stream()
        .filter(line -> line.text("path").equals(Rig.target(path)))
        .filter(line -> line.text("method").equals("GET"))
        .toList();
  }

  private static void assertAsked(LogLine line, int status, String source, long bytes) {
    assertThat(line.number("status")).isEqualTo(status);
    assertThat(line.text("source")).isEqualTo(source);
    assertThat(line.number("bytes")).isEqualTo(bytes);
    assertThat(line.text("remote")).isEqualTo("gen");
    assertThat(line.text("client")).isEqualTo("127.0.0.1");
    assertThat(line.text("time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(line.number("ttfb_us")).isBetween(0L, line.number("total_us"));
  }

  private static void assertUpstreamTimings(LogLine line) {
    assertThat(line.number("upstream_head_us")).isPositive();
    assertThat(line.number("upstream_total_us"))
        .isGreaterThanOrEqualTo(line.number("upstream_head_us"));
    assertThat(line.number("ttfb_us")).isGreaterThanOrEqualTo(line.number("upstream_head_us"));
  }

  @Test
  void missHitAndNotModified_haveOneLineEach() {
    String path = rig.path("log.bin");
    rig.origin().at(path, Content.of(BODY).etag("\"l\""));

    rig.get(path, "User-Agent: asker/1");
    LogLine miss = line(path, "miss");
    rig.awaitStored(path);
    rig.get(path);
    LogLine hit = line(path, "hit");
    assertThat(rig.get(path, "If-None-Match: \"l\"").status()).isEqualTo(304);
    LogLine unchanged = line(path, "not-modified");

    assertAsked(miss, 200, "remote", BODY.lengthBytes());
    assertUpstreamTimings(miss);
    assertThat(miss.text("user_agent")).isEqualTo("asker/1");
    assertAsked(hit, 200, "cache", BODY.lengthBytes());
    assertThat(hit.text("digest")).isEqualTo(DIGEST);
    assertThat(hit.has("upstream_head_us")).isFalse();
    assertThat(hit.has("user_agent")).isFalse();
    assertAsked(unchanged, 304, "cache", 0);
    assertThat(unchanged.text("digest")).isEqualTo(DIGEST);
    assertThat(lines(path)).hasSize(3);
  }

  @Test
  void leaderAndFollower_haveALineEach_thatTellsThemApart() {
    String path = rig.path("joined.bin");
    Gate gate = new Gate(1 << 20);
    rig.origin().at(path, Content.of(BODY).gated(gate));

    try (RawClient leader = rig.client();
        RawClient follower = rig.client()) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Head followerHead = follower.request("GET", Rig.target(path)).head();
      gate.release();
      Download.finish(leader, leaderHead, BODY);
      Download.finish(follower, followerHead, BODY);
    }

    assertAsked(line(path, "joined"), 200, "remote", BODY.lengthBytes());
    assertAsked(line(path, "miss"), 200, "remote", BODY.lengthBytes());
    assertUpstreamTimings(line(path, "miss"));
    assertThat(lines(path)).hasSize(2);
  }

  @Test
  void refusal_saysWhy() {
    String path = rig.path("forbidden.bin");

    Answer answer = rig.get(path);

    LogLine line = line(path, "refused");
    assertThat(answer.status()).isEqualTo(403);
    assertAsked(line, 403, "none", answer.body().length);
    assertThat(line.text("reason")).isEqualTo("blocklist");
    assertThat(line.has("digest")).isFalse();
    assertThat(line.has("upstream_head_us")).isFalse();
    assertThat(lines(path)).hasSize(1);
  }

  @Test
  void upstreamThatBreaks_isToldFromAClientThatLeaves() {
    String cut = rig.path("cut.bin");
    String left = rig.path("left.bin");
    Gate gate = new Gate(1 << 20);
    rig.origin().at(cut, Content.of(BODY).broken(new Fault.CutAfter(1 << 20)));
    rig.origin().at(left, Content.of(BODY).gated(gate));

    rig.get(cut);
    try (RawClient client = rig.client()) {
      client.request("GET", Rig.target(left)).head();
      gate.awaitReached();
      client.abort();
      LogLine aborted = line(left, "aborted-client");
      assertThat(aborted.number("bytes")).isBetween(0L, gate.atBytes());
      assertAsked(aborted, 200, "remote", aborted.number("bytes"));
    } finally {
      gate.release();
    }

    LogLine broken = line(cut, "aborted-upstream");
    assertAsked(broken, 200, "remote", broken.number("bytes"));
    assertThat(broken.number("bytes")).isLessThanOrEqualTo(1 << 20);
    assertThat(broken.text("reason")).isNotEmpty();
    assertThat(lines(cut)).hasSize(1);
    assertThat(lines(left)).hasSize(1);
  }
}
