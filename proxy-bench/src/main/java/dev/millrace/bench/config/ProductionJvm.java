package dev.millrace.bench.config;

/** The JVM options that {@code bin/millrace} gives, for benchmarks of what a request costs. */
public final class ProductionJvm {
  /** Object headers of eight bytes. */
  public static final String COMPACT_HEADERS = "-XX:+UseCompactObjectHeaders";

  /** Assertions of the proxy are on in production too. */
  public static final String ASSERTIONS = "-ea:dev.millrace...";

  /** Netty and SQLite load libraries. */
  public static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  private ProductionJvm() {}
}
