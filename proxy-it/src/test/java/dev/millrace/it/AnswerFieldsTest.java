package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every proxied answer says where it comes from, errors too, and errors say why. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AnswerFieldsTest {
  private static final String PROBLEM = "application/problem+json";

  @RegisterExtension final Rig rig = Rig.with();

  @Test
  void upstreamError_isMarkedAsTheUpstreams() {
    rig.origin().at("/403.bin", Script.status(403));

    Answer answer = rig.get("/403.bin");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.head().source()).isEqualTo("remote");
    assertThat(answer.head().text("Cache-Status")).isEqualTo("millrace; fwd=miss; fwd-status=403");
    assertThat(answer.head().text("Content-Type")).isEqualTo(PROBLEM);
  }

  @Test
  void rememberedAbsence_isMarkedAsACachedAnswer() {
    assertThat(rig.get("/absent.bin").head().source()).isEqualTo("remote");

    Answer again = rig.get("/absent.bin");

    assertThat(again.status()).isEqualTo(404);
    assertThat(again.head().source()).isEqualTo("cache");
    assertThat(again.head().text("Cache-Status")).isEqualTo("millrace; hit; detail=negative");
    assertThat(rig.origin().gets("/absent.bin")).isEqualTo(1);
  }

  @Test
  void brokenFetch_saysWhatBroke() {
    rig.origin().at("/reset.bin", Exchange::reset);

    Answer answer = rig.get("/reset.bin");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.head().text("Cache-Status")).startsWith("millrace; fwd=miss; detail=");
    assertThat(answer.text()).contains("\"reason\":\"upstream-failed\"");
  }

  @Test
  void rangeBehindTheEnd_isAProblemWithTheLength() {
    rig.origin().at("/range.bin", Content.of("0123456789"));
    rig.get("/range.bin");
    rig.awaitStored("/range.bin");

    Answer answer = rig.get("/range.bin", "Range: bytes=10-");

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.head().text("Content-Range")).isEqualTo("bytes */10");
    assertThat(answer.head().text("Content-Type")).isEqualTo(PROBLEM);
    assertThat(answer.text()).contains("\"reason\":\"range\"");
  }

  @Test
  void proxyAuthentication_ofAnUpstream_isNotForClients() {
    rig.origin().at("/407.bin", Script.status(407, "Proxy-Authenticate: Basic realm=\"r\""));

    Answer answer = rig.get("/407.bin");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.head().has("Proxy-Authenticate")).isFalse();
  }
}
