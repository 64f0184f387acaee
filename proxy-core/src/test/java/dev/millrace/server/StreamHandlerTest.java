package dev.millrace.server;

import static dev.millrace.server.FrameWire.DATA;
import static dev.millrace.server.FrameWire.END_STREAM;
import static dev.millrace.server.FrameWire.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request ends, by its frames. What is asked for is not there, which is answered 404. */
final class StreamHandlerTest {
  private final FrameWire wire = new FrameWire(Wire.LIMITS);

  StreamHandlerTest() throws IOException {}

  @AfterEach
  void close() {
    wire.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void requestThatEndsInAnEmptyFrame_isAnsweredAsAnyOther(String method) {
    wire.head(END_STREAM, 1, method);
    wire.head(0, 3, method);
    assertThat(wire.came()).first().asString().startsWith("head 1 404");

    wire.frame(DATA, END_STREAM, 3, NOTHING);

    assertThat(wire.came()).first().asString().startsWith("head 3 404");
    pass(30);
    assertThat(wire.came()).isEmpty();
  }

  @Test
  void requestThatEndsInAnEmptyFrame_behindAnotherOne_isAnsweredThen() {
    wire.head(0, 1, "GET", "content-length", "0").frame(DATA, 0, 1, NOTHING);
    assertThat(wire.came()).isEmpty();

    wire.frame(DATA, END_STREAM, 1, NOTHING);

    assertThat(wire.came()).containsExactly("head 1 404", "end 1");
  }

  /** Padding is no content (RFC 9113 §6.1). */
  @Test
  void requestThatEndsInAFrameOfPadding_hasNoBody() {
    int padded = 8;
    wire.head(0, 1, "GET").frame(DATA, END_STREAM | padded, 1, new byte[] {4, 0, 0, 0, 0});

    assertThat(wire.came()).containsExactly("head 1 404", "end 1");
  }

  @Test
  void requestThatEndsInTrailers_hasNoBody() {
    wire.head(0, 1, "GET").fields(END_STREAM, 1, "x", "y");

    assertThat(wire.came()).containsExactly("head 1 404", "end 1");
  }

  @Test
  void body_isRefused_withTheFirstOfItsBytes() {
    wire.head(0, 1, "GET").frame(DATA, 0, 1, new byte[1]);
    assertThat(wire.came()).containsExactly("head 1 400", "end 1");
    wire.head(0, 3, "GET").frame(DATA, END_STREAM, 3, new byte[1]);
    assertThat(wire.came()).containsExactly("head 3 400", "end 3");

    pass(1);
    assertThat(wire.came()).as("what goes on is not wanted").containsExactly("reset 1 NO_ERROR");
  }

  @Test
  void bodyThatIsAnnounced_isRefused_beforeItComes() {
    wire.head(0, 1, "GET", "content-length", "1");

    assertThat(wire.came()).containsExactly("head 1 400", "end 1");
  }

  @Test
  void otherMethods_areNotAllowed_whateverFollows() {
    wire.head(0, 1, "POST").frame(DATA, END_STREAM, 1, NOTHING);
    wire.head(0, 3, "POST").frame(DATA, END_STREAM, 3, new byte[1]);

    assertThat(wire.came()).containsExactly("head 1 405", "end 1", "head 3 405", "end 3");
  }

  @Test
  void requestThatIsNeverEnded_isAnsweredAtItsLimit_andReset() {
    wire.head(0, 1, "GET");
    pass(Wire.LIMITS.headerReadTimeout().toSeconds() - 1);
    assertThat(wire.came()).isEmpty();

    pass(1);
    assertThat(wire.came()).containsExactly("head 1 408", "end 1");
    pass(1);
    assertThat(wire.came()).containsExactly("reset 1 NO_ERROR");
  }

  @Test
  void endThatComesTooLate_isNotAnsweredTwice() {
    wire.head(0, 1, "GET");
    pass(Wire.LIMITS.headerReadTimeout().toSeconds());
    wire.frame(DATA, END_STREAM, 1, NOTHING);
    pass(30);

    assertThat(wire.came()).containsExactly("head 1 408", "end 1");
  }

  private void pass(long seconds) {
    wire.channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    wire.channel.runScheduledPendingTasks();
  }
}
