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
  /** The key, its strings and the nodes of a bounded map. */
  private static final int ENTRY_BYTES = 160;

  /** Heap bytes of an entry of a map by this key, about: what a hostile client can make large. */
  public int heapBytes() {
    return ENTRY_BYTES + path.length();
  }

  /** For people: without the query, whose values may be credentials. */
  @Override
  public String toString() {
    int query = path.indexOf('?');
    return remote + "/" + (query < 0 ? path : path.substring(0, query) + "?***");
  }
}
