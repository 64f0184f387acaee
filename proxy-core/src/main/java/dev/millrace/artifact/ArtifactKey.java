package dev.millrace.artifact;

/**
 * The cache key of one artifact: the remote's name and the raw path with its query.
 *
 * <p>The path is kept as the client spelled it, percent-encoding included: two spellings that an
 * upstream may tell apart are two keys. It starts without a slash.
 *
 * @param remote the remote's name
 * @param path raw path below the remote's base, with {@code ?query} where there is one
 */
public record ArtifactKey(String remote, String path) {
  @Override
  public String toString() {
    return remote + "/" + path;
  }
}
