package dev.millrace.format;

import dev.millrace.artifact.Digest;
import java.util.List;

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

  /** The digests that the body of this answer is promised to have. */
  List<Digest> promisedDigests(String path, Fields fields);
}
