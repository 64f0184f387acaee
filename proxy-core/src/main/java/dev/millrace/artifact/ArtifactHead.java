package dev.millrace.artifact;

import org.jspecify.annotations.Nullable;

/**
 * The representation metadata of an artifact as its upstream sent it; only these fields are kept
 * and passed on.
 *
 * @param contentType the upstream's {@code Content-Type}
 * @param contentEncoding the upstream's {@code Content-Encoding}; the body is kept coded
 * @param contentDisposition the upstream's {@code Content-Disposition}
 * @param contentLanguage the upstream's {@code Content-Language}
 * @param etag the upstream's {@code ETag} with its quotes and weakness mark
 * @param lastModified the upstream's {@code Last-Modified} as text
 * @param link the upstream's {@code Link}, which leads to the next page of a list
 */
public record ArtifactHead(
    @Nullable String contentType,
    @Nullable String contentEncoding,
    @Nullable String contentDisposition,
    @Nullable String contentLanguage,
    @Nullable String etag,
    @Nullable String lastModified,
    @Nullable String link) {

  /** A head that says nothing. */
  public static final ArtifactHead EMPTY =
      new ArtifactHead(null, null, null, null, null, null, null);

  private static final int STRING_BYTES = 40;

  /** Heap bytes of its fields, about: an upstream decides how long they are. */
  int heapBytes() {
    return heapBytes(contentType)
        + heapBytes(contentEncoding)
        + heapBytes(contentDisposition)
        + heapBytes(contentLanguage)
        + heapBytes(etag)
        + heapBytes(lastModified)
        + heapBytes(link);
  }

  private static int heapBytes(@Nullable String field) {
    return field == null ? 0 : STRING_BYTES + field.length();
  }
}
