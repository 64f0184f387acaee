package dev.millrace.format;

import dev.millrace.artifact.Digest;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one package type.
 *
 * <p>An interface because every package type of the contract is one implementation.
 *
 * <p>Threading: implementations are immutable.
 */
public interface Format {
  /** The name in {@code package_type}. */
  String name();

  /** How the content behind a path changes; {@code path} is raw and without its query. */
  ContentClass classify(String path);

  /** Whether the upstream is asked for such a path at all. */
  default boolean knows(String path) {
    return true;
  }

  /**
   * The digests that the body of this answer is promised to have: by its own fields, where a format
   * knows no better.
   */
  default List<Digest> promisedDigests(String path, Fields fields) {
    return DigestFields.read(fields);
  }

  /**
   * What the client's {@code Accept} means for a path.
   *
   * @param path raw, without its query
   * @param accept the lines of the field
   */
  default Choice choose(String path, Supplier<List<String>> accept) {
    return Choice.NONE;
  }

  /**
   * How the index behind a path is read; null where there is none, or none of that type.
   *
   * @param path raw, without its query
   * @param contentType the upstream's, empty where it says none
   */
  default @Nullable IndexReader index(String path, String contentType) {
    return null;
  }

  /** Whether there may be an index behind a path, whose links are led through the proxy. */
  default boolean isIndex(String path) {
    return false;
  }

  /** What the relative links of an index are relative to: its path, as a rule. */
  default String linkBase(String path) {
    return path;
  }

  /** Whether a link with a leading slash means what is below the base URL. */
  default boolean rootIsBase() {
    return false;
  }

  /** Whether links lead to other hosts as a matter of course, so that these are followed. */
  default boolean linksElsewhere() {
    return false;
  }

  /** Hosts on which the public registry of this type keeps its files. */
  default Set<String> fileHosts() {
    return Set.of();
  }

  /** Whether its indexes promise what files are. */
  default boolean promisesFiles() {
    return false;
  }

  /**
   * Whether an index may say what that file of its remote is.
   *
   * @param index path of the index, raw
   * @param name what {@link #promisedAs} makes of the file's path
   */
  default boolean mayPromise(String index, String name) {
    return true;
  }

  /**
   * What an index knows a file by, given its path; for most types the path itself, however it is
   * escaped.
   */
  default String promisedAs(String path) {
    return PathNames.decoded(path);
  }

  /**
   * Another path that has this content, and for ever, so that it is stored for that too; null when
   * there is none.
   *
   * @param path raw, without its query
   * @param sha256 of the content
   */
  default @Nullable String lastingPath(String path, Digest sha256) {
    return null;
  }
}
