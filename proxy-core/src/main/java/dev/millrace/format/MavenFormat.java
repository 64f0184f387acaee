package dev.millrace.format;

/**
 * Maven repositories (Maven Repository Layout, and the metadata reference): releases never change,
 * {@code maven-metadata.xml} and snapshots do, with the checksums beside them.
 */
final class MavenFormat implements Format {
  private static final String METADATA = "maven-metadata.xml";
  private static final String SNAPSHOT = "-SNAPSHOT";

  @Override
  public String name() {
    return "maven";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    boolean changes =
        PathNames.fileName(path).startsWith(METADATA) || PathNames.folder(path).endsWith(SNAPSHOT);
    return changes ? ContentClass.MUTABLE : ContentClass.IMMUTABLE;
  }
}
