package dev.millrace.it.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The harness sees what it must see: each fault without a product in the middle. */
final class OriginTest {
  private static final Body BODY = Body.random(3_000_001, 7);

  private static End drain(Content content, Body.Check check) {
    try (Origin origin = Origin.start().at("/x", content);
        RawClient client = RawClient.connect(origin.port())) {
      Head head = client.request("GET", "/base/x").head();
      return client.drain(head, "GET", check);
    }
  }

  @Test
  void wholeBody_inEveryFraming_isWholeAndRight() {
    for (Framing framing : Framing.values()) {
      Body.Check check = BODY.checkFrom(0);

      assertThat(drain(Content.of(BODY).framed(framing), check)).isEqualTo(End.WHOLE);
      assertThat(check.reachedEnd()).isTrue();
    }
  }

  @Test
  void otherBody_isFoundWrongAtItsFirstByte() {
    Body.Check check = Body.random(BODY.lengthBytes(), 8).checkFrom(0);

    assertThat(drain(Content.of(BODY), check)).isEqualTo(End.STOPPED);
    assertThat(check.wrongAtBytes()).isBetween(0L, 8L);
  }

  @Test
  void bodyAtWrongPage_isFoundWrong() {
    Body.Check check = BODY.checkFrom(0);
    check.accept(BODY.slice(1 << 20, 8192), 8192);

    assertThat(check.wrongAtBytes()).isEqualTo(1);
  }

  @Test
  void faults_areSeenForWhatTheyAre() {
    for (Framing framing : List.of(Framing.LENGTH, Framing.CHUNKED)) {
      Content content = Content.of(BODY).framed(framing);

      assertThat(drain(content.broken(new Fault.CutAfter(1000)), BODY.checkFrom(0)))
          .isEqualTo(End.CLOSED_EARLY);
      assertThat(drain(content.broken(new Fault.Reset(1000)), BODY.checkFrom(0)))
          .isEqualTo(End.RESET);
    }
    Content chunked = Content.of(BODY).framed(Framing.CHUNKED);
    assertThat(drain(chunked.broken(new Fault.BadChunk(1000)), BODY.checkFrom(0)))
        .isEqualTo(End.BAD_FRAMING);
    assertThat(drain(Content.of(BODY).broken(new Fault.WrongLength(1)), BODY.checkFrom(0)))
        .isEqualTo(End.CLOSED_EARLY);
  }

  @Test
  void closeDelimitedCut_looksWhole_asItDoesToEveryClient() {
    Body.Check check = BODY.checkFrom(0);
    Content cut = Content.of(BODY).framed(Framing.CLOSE).broken(new Fault.CutAfter(1000));

    assertThat(drain(cut, check)).isEqualTo(End.WHOLE);
    assertThat(check.reachedEnd()).isFalse();
  }

  @Test
  void range_isServedFromItsOffset() {
    try (Origin origin = Origin.start().at("/x", Content.of(BODY).ranged().etag("\"a\""));
        RawClient client = RawClient.connect(origin.port())) {
      Answer part = client.get("/base/x", "Range: bytes=4090-4105");
      Answer unchanged = client.get("/base/x", "If-None-Match: \"a\"");

      assertThat(part.status()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(BODY.slice(4090, 16));
      assertThat(unchanged.status()).isEqualTo(304);
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.gets("/x")).isEqualTo(2);
    }
  }
}
