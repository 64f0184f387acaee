package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.fill.FillHead;
import dev.millrace.serve.ResponseHead;
import dev.millrace.store.StoreFixture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields that all answers with a representation share. */
final class AnswerHeadsTest {
  static final String MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
  static final Digest DIGEST = StoreFixture.digestOf(new byte[0]);
  static final ArtifactHead FULL =
      new ArtifactHead("text/plain", "gzip", "attachment", "de", "\"tag\"", MODIFIED, null);

  /** The fields by name; none stands twice. */
  static Map<String, String> fields(ResponseHead head) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < head.fieldCount(); i++) {
      assertThat(fields.put(head.name(i), head.value(i))).as(head.name(i)).isNull();
    }
    return fields;
  }

  static Representation shown(
      ArtifactHead head, @Nullable Digest sha256, long lengthBytes, long ageMillis) {
    return new Representation(head, head.etag(), sha256, lengthBytes, ageMillis);
  }

  private static StoredArtifact artifact(ArtifactHead head, long validatedAt, long expiresAt) {
    return new StoredArtifact(
        new ArtifactKey("gen", "a"), DIGEST, 10, head, Proof.LENGTH, 0, validatedAt, expiresAt);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 206})
  void answerWithABody_hasAllFields(int status) {
    assertThat(fields(AnswerHeads.of(status, shown(FULL, DIGEST, 10, 61_999), AnswerSource.HIT)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("X-Artifact-Source", "cache"),
                Map.entry("Cache-Status", "millrace; hit"),
                Map.entry("ETag", "\"tag\""),
                Map.entry("Last-Modified", MODIFIED),
                Map.entry("Age", "61"),
                Map.entry("Content-Type", "text/plain"),
                Map.entry("Content-Encoding", "gzip"),
                Map.entry("Content-Disposition", "attachment"),
                Map.entry("Content-Language", "de"),
                Map.entry("Accept-Ranges", "bytes"),
                Map.entry("Repr-Digest", "sha-256=:" + DIGEST.base64() + ":")));
  }

  @ParameterizedTest
  @ValueSource(ints = {304, 412})
  void answerAboutConditions_hasNoFieldOfTheBody(int status) {
    assertThat(fields(AnswerHeads.of(status, shown(FULL, DIGEST, 10, 0), AnswerSource.MISS)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "X-Artifact-Source", "remote",
                "Cache-Status", "millrace; fwd=miss; stored",
                "ETag", "\"tag\"",
                "Last-Modified", MODIFIED,
                "Age", "0"));
  }

  @Test
  void whatIsNotKnown_isNotSaid() {
    assertThat(
            fields(
                AnswerHeads.of(200, shown(ArtifactHead.EMPTY, null, -1, -1), AnswerSource.JOINED)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "X-Artifact-Source", "remote",
                "Cache-Status", "millrace; fwd=miss; collapsed",
                "Content-Type", "application/octet-stream",
                "Accept-Ranges", "bytes"));
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1000, 0",
    "1000, 1999, 999",
    "1000, 61000, 60000",
    "1000, 0, 0",
  })
  void mutableArtifact_hasTheAgeSinceItWasConfirmed(long validatedAt, long now, long age) {
    Representation shown = Representation.of(artifact(ArtifactHead.EMPTY, validatedAt, 2000), now);

    assertThat(shown.ageMillis()).isEqualTo(age);
  }

  @Test
  void immutableArtifact_hasNoAge() {
    Representation shown =
        Representation.of(artifact(ArtifactHead.EMPTY, 0, StoredArtifact.NEVER), 60_000);

    assertThat(fields(AnswerHeads.of(200, shown, AnswerSource.HIT))).doesNotContainKey("Age");
  }

  @Test
  void storedArtifact_hasItsDigest_andItsUpstreamsTagBeforeOurs() {
    Representation ours =
        Representation.of(artifact(ArtifactHead.EMPTY, 0, StoredArtifact.NEVER), 0);
    Representation theirs = Representation.of(artifact(FULL, 0, StoredArtifact.NEVER), 0);

    assertThat(ours.etag()).isEqualTo("\"" + DIGEST + "\"").startsWith("\"sha256:");
    assertThat(theirs.etag()).isEqualTo("\"tag\"");
    assertThat(ours.sha256()).isEqualTo(DIGEST).isEqualTo(theirs.sha256());
    assertThat(ours.lengthBytes()).isEqualTo(10);
  }

  @Test
  void runningFill_hasTheDigestThatWasPromised_andNoAge() {
    Representation promised =
        Representation.of(new FillHead(ArtifactHead.EMPTY, 10, List.of(DIGEST), true, 0));
    Representation nothing =
        Representation.of(new FillHead(ArtifactHead.EMPTY, -1, List.of(), true, 0));

    assertThat(promised.sha256()).isEqualTo(DIGEST);
    assertThat(promised.etag()).isEqualTo("\"" + DIGEST + "\"");
    assertThat(promised.ageMillis()).isNegative();
    assertThat(nothing.sha256()).isNull();
    assertThat(nothing.etag()).isNull();
    assertThat(nothing.lengthBytes()).isEqualTo(-1);
  }

  @Test
  void fieldThatWouldSplitTheAnswer_isLeftOut() {
    ArtifactHead hostile = new ArtifactHead("a\r\nb: c", null, null, null, "\"\0\"", null, null);

    assertThat(fields(AnswerHeads.of(200, shown(hostile, null, 1, -1), AnswerSource.HIT)))
        .doesNotContainKeys("Content-Type", "ETag");
  }
}
