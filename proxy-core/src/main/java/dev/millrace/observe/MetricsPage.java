package dev.millrace.observe;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The metrics in Prometheus' text format.
 *
 * <p>Threading: thread-safe; not for event loops, since readings may ask the operating system.
 */
public final class MetricsPage {
  /** The media type of the page. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private final Metrics metrics;
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  /** The page of these metrics. */
  public MetricsPage(Metrics metrics) {
    this.metrics = metrics;
  }

  /** Reads everything and writes it. */
  public byte[] render() {
    ByteArrayOutputStream page = new ByteArrayOutputStream(16 << 10);
    try {
      writer.write(page, metrics.registry().scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array does not fail", e);
    }
    return page.toByteArray();
  }
}
