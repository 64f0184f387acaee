package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written beside a staged file is read as it was, or not at all. */
final class KeptNoteTest {
  private static final KeptNote NOTE =
      new KeptNote(
          new ArtifactKey("gen", "a/b%20\"c\"?d=\u00e9"),
          1L << 40,
          Map.of("etag", "\"x\\y\"", "date", "Sun, 06 Nov 1994 08:49:37 GMT"),
          List.of(
              Digest.of(DigestAlgorithm.SHA_256, new byte[32]),
              Digest.of(DigestAlgorithm.SHA_512, new byte[64])));

  @Test
  void note_isReadAsItWasWritten() {
    assertThat(KeptNote.parse(NOTE.text())).isEqualTo(NOTE);
    KeptNote bare = new KeptNote(new ArtifactKey("g", ""), 0, Map.of(), List.of());
    assertThat(KeptNote.parse(bare.text())).isEqualTo(bare);
  }

  /** A power cut may leave any part of it. */
  @Test
  void partOfANote_isNone() {
    String text = NOTE.text();
    for (int length = 0; length < text.length(); length++) {
      assertThat(KeptNote.parse(text.substring(0, length))).as(text.substring(0, length)).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "\u0000\u0000\u0000",
        "{\"remote\":\"g\",\"path\":\"p\",\"length\":\"x\"}",
        "{\"remote\":\"g\",\"path\":\"p\",\"length\":1,\"more\":[]}",
        "{\"remote\":\"g\",\"path\":\"p\",\"length\":1,\"promised\":{\"SHA_3\":\"00\"}}",
        "{\"remote\":\"g\",\"path\":\"p\",\"length\":1,\"promised\":{\"SHA_256\":\"00\"}}",
      })
  void anythingElse_isNone(String text) {
    assertThat(KeptNote.parse(text)).isNull();
  }
}
