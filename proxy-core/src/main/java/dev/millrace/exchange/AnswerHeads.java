package dev.millrace.exchange;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.fill.FillHead;
import dev.millrace.serve.ResponseHead;
import org.jspecify.annotations.Nullable;

/** The fields of proxied answers (contract §1). Threading: stateless. */
final class AnswerHeads {
  private static final String DEFAULT_TYPE = "application/octet-stream";

  private AnswerHeads() {}

  /**
   * What is known of a representation when its head is written.
   *
   * @param head kept metadata
   * @param etag the upstream's tag, or ours where the digest is known
   * @param sha256 the digest, where it is known before the first byte
   * @param lengthBytes length of the body, -1 when it is not known
   * @param ageMillis time since the upstream confirmed it, -1 for content without an age
   * @param vary fields of the request that it depends on, null for none
   */
  record Representation(
      ArtifactHead head,
      @Nullable String etag,
      @Nullable Digest sha256,
      long lengthBytes,
      long ageMillis,
      @Nullable String vary) {

    /** One that depends on nothing but the path. */
    Representation(
        ArtifactHead head,
        @Nullable String etag,
        @Nullable Digest sha256,
        long lengthBytes,
        long ageMillis) {
      this(head, etag, sha256, lengthBytes, ageMillis, null);
    }

    static Representation of(StoredArtifact artifact, long nowMillis) {
      return new Representation(
          artifact.head(),
          etagOf(artifact.head(), artifact.digest()),
          artifact.digest(),
          artifact.sizeBytes(),
          artifact.isMutable() ? Math.max(0, nowMillis - artifact.validatedAtMillis()) : -1);
    }

    static Representation of(FillHead fill) {
      Digest promised = fill.expectedSha256();
      return new Representation(
          fill.head(), etagOf(fill.head(), promised), promised, fill.lengthBytes(), -1);
    }

    private static @Nullable String etagOf(ArtifactHead head, @Nullable Digest digest) {
      if (head.etag() != null) {
        return head.etag();
      }
      return digest == null ? null : "\"" + digest + "\"";
    }
  }

  /** A head of that status with the fields that all answers with this representation share. */
  static ResponseHead of(int status, Representation shown, AnswerSource source) {
    ResponseHead answer =
        new ResponseHead(status)
            .field("X-Artifact-Source", source.source().label())
            .field("Cache-Status", source.cacheStatus())
            .field("ETag", shown.etag())
            .field("Last-Modified", shown.head().lastModified())
            .field("Vary", shown.vary());
    if (shown.ageMillis() >= 0) {
      answer.field("Age", Long.toString(shown.ageMillis() / 1000));
    }
    if (status == 304 || status == 412) {
      return answer;
    }
    String type = shown.head().contentType();
    answer
        .field("Content-Type", type == null ? DEFAULT_TYPE : type)
        .field("Content-Encoding", shown.head().contentEncoding())
        .field("Content-Disposition", shown.head().contentDisposition())
        .field("Content-Language", shown.head().contentLanguage())
        .field("Accept-Ranges", "bytes");
    if (shown.sha256() != null) {
      answer.field("Repr-Digest", "sha-256=:" + shown.sha256().base64() + ":");
    }
    return answer;
  }
}
