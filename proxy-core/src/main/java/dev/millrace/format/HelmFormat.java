package dev.millrace.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Helm chart repositories (Helm documentation, "The Chart Repository Guide"): charts and their
 * provenance never change, {@code index.yaml} does.
 */
final class HelmFormat implements Format {
  private static final List<String> CHARTS = List.of(".tgz", ".prov");
  private static final String INDEX = "index.yaml";
  private static final IndexReader READER = new HelmIndex();

  @Override
  public String name() {
    return "helm";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    return PathNames.endsInOneOf(path, CHARTS) ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }

  @Override
  public boolean isIndex(String path) {
    return PathNames.fileName(path).equals(INDEX);
  }

  /** Servers send it as text, as YAML or as anything. */
  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    return isIndex(path) && !contentType.contains("html") ? READER : null;
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }
}
