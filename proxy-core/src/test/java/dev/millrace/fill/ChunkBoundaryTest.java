package dev.millrace.fill;

import static dev.millrace.fill.FillFixture.assertBroken;
import static dev.millrace.fill.FillFixture.assertWholeOrStored;
import static dev.millrace.fill.FillFixture.body;
import static dev.millrace.fill.FillFixture.order;
import static dev.millrace.fill.FillFixture.seen;
import static dev.millrace.fill.FillFixture.storing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.observe.FetchFailure;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A body that is cut, reset or stalled at its n-th piece, for every n. */
@Timeout(120)
final class ChunkBoundaryTest {
  private static final int PIECE_BYTES = 30_000;
  private static final int PIECES = 8;
  private static final byte[] BODY = body(PIECES * PIECE_BYTES);

  /** How the upstream says where the body ends. */
  enum Framed {
    /** By its length. */
    LENGTH,
    /** By its length, and a digest is promised. */
    DIGEST,
    /** By its last chunk. */
    CHUNKED,
    /** By its close, and a digest is promised. */
    CLOSE;

    private FetchHead head() {
      return switch (this) {
        case LENGTH, DIGEST -> Script.withLength(BODY.length);
        case CHUNKED -> Script.chunked();
        case CLOSE -> Script.untilClose();
      };
    }

    private HeadRule rule() {
      return switch (this) {
        case LENGTH, CHUNKED -> storing();
        case DIGEST, CLOSE -> storing(StoreFixture.digestOf(BODY));
      };
    }

    private BodyEnd end() {
      return switch (this) {
        case LENGTH, DIGEST -> BodyEnd.LENGTH_MET;
        case CHUNKED -> BodyEnd.LAST_CHUNK;
        case CLOSE -> BodyEnd.CLOSED;
      };
    }
  }

  private final FillFixture fixture;

  ChunkBoundaryTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    fixture = new FillFixture(data);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.close();
  }

  /** The first pieces, each by a read of its own; the last of them in the middle of its read. */
  private static Script beginning(Framed framed, int pieces) {
    Script script = Script.of(framed.head());
    for (int i = 0; i < pieces; i++) {
      script.nextRead().piece(BODY, i * PIECE_BYTES, PIECE_BYTES);
    }
    return script;
  }

  private void wholeOneFollows(Framed framed, String path) {
    fixture.awaitQuiet();
    fixture.stored.settle();
    assertThat(fixture.stored.find(path)).isEmpty();
    fixture.upstream.script(path, beginning(framed, PIECES).end(framed.end()));
    assertWholeOrStored(seen(fixture.start(order(path, framed.rule()))), BODY);
    fixture.await("stored", () -> fixture.stored.find(path).isPresent());
  }

  @ParameterizedTest
  @EnumSource
  void resetAtTheNthPiece_isAFailure_andTheNextFetchIsWhole(Framed framed) {
    for (int n = 0; n <= PIECES; n++) {
      String path = "a" + n;
      fixture.upstream.script(path, beginning(framed, n).broken(FetchFailure.RESET));
      FillReader leader = fixture.start(order(path, framed.rule()));

      if (framed == Framed.DIGEST && n == PIECES) {
        // It is asked for again, and nothing is missing: the length is met and the digest is right.
        assertWholeOrStored(seen(leader), BODY);
        continue;
      }
      assertBroken(seen(leader), BODY);
      wholeOneFollows(framed, path);
    }
    assertThat(fixture.events.failures)
        .hasSize(framed == Framed.DIGEST ? PIECES : PIECES + 1)
        .containsOnly(FetchFailure.RESET);
  }

  /** A fetcher that takes the cut for an end, as it must not, is found out all the same. */
  @ParameterizedTest
  @EnumSource(names = {"LENGTH", "DIGEST", "CLOSE"})
  void cutAtTheNthPiece_isAFailure_andTheNextFetchIsWhole(Framed framed) {
    for (int n = 0; n < PIECES; n++) {
      String path = "a" + n;
      fixture.upstream.script(path, beginning(framed, n).end(framed.end()));
      FillReader leader = fixture.start(order(path, framed.rule()));

      assertBroken(seen(leader), BODY);
      wholeOneFollows(framed, path);
    }
    assertThat(fixture.events.failures)
        .hasSize(PIECES)
        .containsOnly(
            framed == Framed.CLOSE ? FetchFailure.DIGEST_MISMATCH : FetchFailure.LENGTH_MISMATCH);
  }

  @ParameterizedTest
  @EnumSource
  void stallAtTheNthPiece_losesNoByteThatCame_andEndsWhenItIsGivenUp(Framed framed) {
    for (int n = 0; n <= PIECES; n++) {
      String path = "a" + n;
      fixture.upstream.script(
          path,
          beginning(framed, n).nextRead().hold().broken(FetchFailure.IDLE_TIMEOUT),
          Script.headless(FetchFailure.REFUSED));
      FillReader leader = fixture.start(order(path, framed.rule()));
      fixture.await("the stall", () -> fixture.upstream.last().isHeld());
      Fill fill = fixture.running(path);
      long came = (long) n * PIECE_BYTES;
      fixture.await("what came is in the file", () -> fill.frontier() == came);
      assertThat(leader.seen()).isNotDone();
      FillReader follower = fixture.follow(path, 0);
      if (n % 2 == 0) {
        fixture.upstream.last().goOn();
      } else {
        fill.abandon(FetchFailure.SHUTDOWN, "by test");
      }

      assertBroken(seen(leader), BODY);
      assertBroken(seen(follower), BODY);
      wholeOneFollows(framed, path);
    }
  }
}
