package dev.millrace.observe;

/** Where the bytes of an answer came from: the value of {@code X-Artifact-Source}. */
public enum Source {
  /** A fetch that ran. */
  REMOTE,
  /** The store. */
  CACHE,
  /** Millrace itself: refusals, errors and pages. */
  NONE;

  private final String label = Labels.of(this);

  /** The spelling in metrics, logs and answers. */
  public String label() {
    return label;
  }
}
