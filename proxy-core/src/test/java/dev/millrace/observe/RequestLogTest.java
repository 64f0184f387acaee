package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.Digest;
import dev.millrace.config.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One line of JSON for each request, whatever it holds, and never a wait for the disk. */
final class RequestLogTest {
  private static final Digest DIGEST = Digest.sha256("ab".repeat(32));

  @TempDir private Path folder;

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  @Test
  void request_isOneLineWithAllThatIsKnown() {
    RequestLine line =
        new RequestLine(
            Instant.parse("2026-01-02T03:04:05.6789Z"),
            new RequestLine.Asked(
                "GET", "files", "/api/v1/remote/files/a?token=x", "127.0.0.1", "curl/8.0"),
            new RequestLine.Answer(
                200, RequestLine.End.of(Outcome.MISS, Source.REMOTE), 12, 34, 56, DIGEST),
            new RequestLine.Upstream(7, 8));

    assertThat(written(line))
        .isEqualTo(
            "{\"time\":\"2026-01-02T03:04:05.678Z\",\"method\":\"GET\",\"remote\":\"files\","
                + "\"path\":\"/api/v1/remote/files/a?token=***\",\"status\":200,"
                + "\"outcome\":\"miss\",\"source\":\"remote\",\"bytes\":12,\"ttfb_us\":34,"
                + "\"total_us\":56,\"digest\":\"sha256:"
                + "ab".repeat(32)
                + "\",\"upstream_head_us\":7,\"upstream_total_us\":8,\"client\":\"127.0.0.1\","
                + "\"user_agent\":\"curl/8.0\"}\n");
  }

  /** The end of the log interrupts its thread, which mostly waits for lines to gather. */
  @Test
  void linesThatGatherWhenTheLogEnds_areInTheFile() throws IOException {
    for (int round = 0; round < 20; round++) {
      Path file = folder.resolve("gathering-" + round + ".log");
      try (RequestLog log = open(file.toString())) {
        log.offer(line("/first", null));
        while (Files.size(file) == 0) {
          Thread.onSpinWait();
        }
        log.offer(line("/last", null));
      }
      assertThat(Files.readString(file)).contains("/first").contains("/last");
    }
  }

  @Test
  void whatIsNotKnown_isLeftOut_andTheFailureIsTheReason() {
    RequestLine line =
        new RequestLine(
            Instant.EPOCH,
            new RequestLine.Asked("GET", null, "/x", "::1", null),
            new RequestLine.Answer(
                502,
                new RequestLine.End(
                    Outcome.UPSTREAM_ERROR,
                    Source.NONE,
                    Refusal.UPSTREAM_FAILED,
                    FetchFailure.DIAL_TIMEOUT),
                0,
                -1,
                9,
                null),
            new RequestLine.Upstream(-1, -1));

    assertThat(written(line))
        .isEqualTo(
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"method\":\"GET\",\"path\":\"/x\","
                + "\"status\":502,\"outcome\":\"upstream-error\",\"reason\":\"dial-timeout\","
                + "\"source\":\"none\",\"bytes\":0,\"total_us\":9,\"client\":\"::1\"}\n");
  }

  /** MG08: a name or user agent cannot end a line or speak to a terminal. */
  @Test
  void hostileText_staysInOneLineOfPrintableAscii() {
    String hostile = "a\r\nb\u0000\u001b[2J\u007f\u0085\u009b\u2028\ud800\"\\é\ud83d\ude00";
    String text = written(line("/" + hostile, hostile));

    assertThat(text.chars().filter(c -> c == '\n').count()).isEqualTo(1);
    assertThat(text.strip().chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    assertThat(text)
        .contains("a\\r\\nb\\u0000\\u001B[2J?\\u0085\\u009B\\u2028?\\\"\\\\\\u00E9\\uD83D\\uDE00");
  }

  @Test
  void longUserAgent_isCut() {
    assertThat(written(line("/", "x".repeat(1000))))
        .contains("\"user_agent\":\"" + "x".repeat(Limits.USER_AGENT_CHARS) + "\"");
  }

  @Test
  void lines_keepTheirOrder_andCloseWritesWhatWaits() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RequestLog log = RequestLog.to(out, 2000);
    IntStream.range(0, 1000).forEach(i -> log.offer(line("/" + i, "agent")));
    log.close();

    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(1000);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).contains("\"path\":\"/" + i + "\"");
    }
    assertThat(log.droppedLines()).isZero();
  }

  @Test
  void fullQueue_dropsAndCounts_andTheCallerNeverWaits() throws Exception {
    StuckStream out = new StuckStream();
    RequestLog log = RequestLog.to(out, 10);
    log.offer(line("/first", "agent"));
    assertThat(out.entered.await(10, TimeUnit.SECONDS)).isTrue();
    // The writer is stuck with the first line, so exactly ten more find room.
    IntStream.range(0, 25).forEach(i -> log.offer(line("/" + i, "agent")));

    assertThat(log.droppedLines()).isEqualTo(15);
    out.release.countDown();
    log.close();
    assertThat(out.text().lines()).hasSize(11);
    assertThat(log.droppedLines()).isEqualTo(15);
  }

  @Test
  void afterClose_linesAreCountedAsDropped() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RequestLog log = RequestLog.to(out, 10);
    log.close();
    log.offer(line("/late", "agent"));
    log.close();

    assertThat(out.size()).isZero();
    assertThat(log.droppedLines()).isEqualTo(1);
  }

  @Test
  void streamThatFails_costsItsLinesOnly() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    CountDownLatch failed = new CountDownLatch(1);
    ByteArrayOutputStream good = new ByteArrayOutputStream();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int oneByte) {
            throw new AssertionError("only whole batches are written");
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            if (broken.get()) {
              failed.countDown();
              throw new IOException("No space left on device");
            }
            good.write(bytes, from, length);
          }
        };
    RequestLog log = RequestLog.to(out, 10);
    log.offer(line("/lost", "agent"));
    assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
    broken.set(false);
    log.offer(line("/kept", "agent"));
    log.close();

    assertThat(good.toString(StandardCharsets.UTF_8)).contains("/kept").doesNotContain("/lost");
    assertThat(log.droppedLines()).isEqualTo(1);
  }

  @Test
  void file_isAppendedTo_andOffWritesNothing() throws Exception {
    Path file = folder.resolve("requests.log");
    Files.writeString(file, "before\n");
    try (RequestLog log = open(file.toString())) {
      assertThat(log.isEnabled()).isTrue();
      log.offer(line("/x", "agent"));
    }
    assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("before");

    try (RequestLog log = open("off")) {
      log.offer(line("/x", "agent"));
      assertThat(log.isEnabled()).isFalse();
      assertThat(log.droppedLines()).isZero();
    }
    assertThatThrownBy(() -> open(folder.resolve("no/such/file").toString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void standardOutput_getsTheLines_andStaysOpen() throws Exception {
    open("stdout").close();
    try (RequestLog log = open("stdout")) {
      log.offer(line("/x", "agent"));
    }
    assertThat(stdout.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
    assertThat(stderr.size()).isZero();
    try (RequestLog log = open("stderr")) {
      log.offer(line("/y", "agent"));
    }
    assertThat(stderr.toString(StandardCharsets.UTF_8)).contains("/y");
  }

  private RequestLog open(String destination) throws IOException {
    return RequestLog.open(
        destination,
        new PrintStream(stdout, false, StandardCharsets.UTF_8),
        new PrintStream(stderr, false, StandardCharsets.UTF_8));
  }

  private static RequestLine line(String target, @Nullable String agent) {
    return new RequestLine(
        Instant.EPOCH,
        new RequestLine.Asked("GET", "files", target, "127.0.0.1", agent),
        new RequestLine.Answer(200, RequestLine.End.of(Outcome.HIT, Source.CACHE), 1, 1, 1, null),
        null);
  }

  private static String written(RequestLine line) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RequestLog log = RequestLog.to(out, 10);
    log.offer(line);
    log.close();
    assertThat(log.droppedLines()).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }

  /** A disk that does not answer until it is let go. */
  private static final class StuckStream extends OutputStream {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Override
    public void write(int oneByte) {
      throw new AssertionError("only whole batches are written");
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      entered.countDown();
      try {
        if (!release.await(30, TimeUnit.SECONDS)) {
          throw new IOException("never released");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      out.write(bytes, from, length);
    }

    String text() {
      return out.toString(StandardCharsets.UTF_8);
    }
  }
}
