package dev.millrace.format;

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
    return PathNames.isListing(path) ? ContentClass.PASS_THROUGH : ContentClass.IMMUTABLE;
  }
}
