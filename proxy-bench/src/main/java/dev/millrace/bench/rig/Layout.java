package dev.millrace.bench.rig;

/** Who may run where. */
public enum Layout {
  /** Everybody on every CPU. */
  FREE(Cpus.ALL, Cpus.ALL),
  /** The proxy on one CPU, load and origin on the other. */
  PINNED(Cpus.FIRST, Cpus.SECOND);

  private final Cpus proxy;
  private final Cpus rest;

  Layout(Cpus proxy, Cpus rest) {
    this.proxy = proxy;
    this.rest = rest;
  }

  /** Where the proxy runs. */
  public Cpus proxy() {
    return proxy;
  }

  /** Where origin and load run. */
  public Cpus rest() {
    return rest;
  }

  /** As it stands in reports and on the command line. */
  public String label() {
    return this == FREE ? "free" : "pinned";
  }
}
