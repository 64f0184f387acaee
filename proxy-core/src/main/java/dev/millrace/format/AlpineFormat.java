package dev.millrace.format;

/**
 * Alpine repositories (Alpine wiki, "Apk spec"): packages never change, {@code APKINDEX.tar.gz} and
 * whatever else lies there does.
 */
final class AlpineFormat implements Format {
  @Override
  public String name() {
    return "alpine";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    return path.endsWith(".apk") ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }
}
