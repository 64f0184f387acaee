package dev.millrace.artifact;

/**
 * The cache key of one artifact: the remote's name, the raw path with its query, and which of the
 * contents behind it.
 *
 * <p>The path is kept as the client spelled it, percent-encoding included: two spellings that an
 * upstream may tell apart are two keys. It starts without a slash.
 *
 * @param remote the remote's name
 * @param path raw path below the remote's base, with {@code ?query} where there is one
 * @param variant which content of those that the client's {@code Accept} chooses from (RFC 9111
 *     §4.1); empty where the path has one
 */
public record ArtifactKey(String remote, String path, String variant) {
  /** The key, its strings and the nodes of a bounded map. */
  private static final int ENTRY_BYTES = 160;

  /** The key of a path with one content. */
  public ArtifactKey(String remote, String path) {
    this(remote, path, "");
  }

  /** The path without its query. */
  public String plainPath() {
    return withoutQuery(path);
  }

  /** A path without its query. */
  public static String withoutQuery(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** Heap bytes of an entry of a map by this key, about: what a hostile client can make large. */
  public int heapBytes() {
    return ENTRY_BYTES + path.length() + variant.length();
  }

  /** For people: without the query, whose values may be credentials. */
  @Override
  public String toString() {
    int query = path.indexOf('?');
    return remote
        + "/"
        + (query < 0 ? path : path.substring(0, query) + "?***")
        + (variant.isEmpty() ? "" : " (" + variant + ")");
  }
}
