package dev.millrace.format;

import dev.millrace.artifact.Digest;
import java.util.List;

/**
 * What becomes of the links of one index, and of what it says of their targets.
 *
 * <p>An interface because an index is read for several ends.
 */
public interface Links {
  /**
   * The link that stands in place of one.
   *
   * @param href as the index has it, relative or absolute
   * @param promised digests of what it leads to; none where the index says none
   */
  String lead(String href, List<Digest> promised);

  /**
   * The same of a file that the index names without a link.
   *
   * @param name what {@link Format#promisedAs} makes of its path
   */
  void promise(String name, List<Digest> promised);
}
