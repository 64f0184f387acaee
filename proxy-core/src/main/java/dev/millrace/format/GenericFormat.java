package dev.millrace.format;

import dev.millrace.artifact.Digest;
import java.util.List;

/**
 * Any files: everything is immutable, digests come from response fields.
 *
 * <p>A path that ends with a slash, or is empty, is a listing that the upstream makes up; it is
 * relayed and never stored as an artifact.
 */
final class GenericFormat implements Format {
  @Override
  public String name() {
    return "generic";
  }

  @Override
  public ContentClass classify(String path) {
    return path.isEmpty() || path.endsWith("/")
        ? ContentClass.PASS_THROUGH
        : ContentClass.IMMUTABLE;
  }

  @Override
  public List<Digest> promisedDigests(String path, Fields fields) {
    return DigestFields.read(fields);
  }
}
