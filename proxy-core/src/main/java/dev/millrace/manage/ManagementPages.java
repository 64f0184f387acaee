package dev.millrace.manage;

import dev.millrace.observe.MetricsPage;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The content of {@code /health}, {@code /ready}, {@code /version} and {@code /metrics}.
 *
 * <p>No page holds a secret, a remote's address or a path of this machine.
 *
 * <p>Threading: thread-safe; {@link #ready} and {@link #metrics} may wait, so never on an event
 * loop.
 */
public final class ManagementPages {
  private static final String JSON = "application/json";

  private final JsonFactory json = new JsonFactory();
  private final Build build;
  private final Readiness readiness;
  private final BooleanSupplier draining;
  private final MetricsPage metrics;

  /**
   * The pages of one process.
   *
   * @param build what runs
   * @param readiness the backends
   * @param draining whether the process is shutting down
   * @param metrics the metrics
   */
  public ManagementPages(
      Build build, Readiness readiness, BooleanSupplier draining, MetricsPage metrics) {
    this.build = build;
    this.readiness = readiness;
    this.draining = draining;
    this.metrics = metrics;
  }

  /**
   * What runs.
   *
   * @param version of Millrace
   * @param digestEngine name of the engine that computes digests now
   */
  public record Build(String version, Supplier<String> digestEngine) {}

  /** The process lives: always 200. */
  public Page health() {
    return page(200, generator -> generator.writeStringProperty("status", "ok"));
  }

  /**
   * Each backend by name; 503 when one does not work that is needed, or the process is draining.
   */
  public Page ready() {
    SequencedMap<String, Boolean> answers = readiness.answers();
    boolean allWork = !answers.containsValue(false);
    boolean serves =
        answers.entrySet().stream()
            .allMatch(answer -> answer.getValue() || !readiness.isNeeded(answer.getKey()));
    boolean drains = draining.getAsBoolean();
    String status = drains ? "draining" : allWork ? "ok" : serves ? "degraded" : "not-ready";
    return page(
        serves && !drains ? 200 : 503,
        generator -> {
          generator.writeStringProperty("status", status);
          generator.writeObjectPropertyStart("backends");
          for (Map.Entry<String, Boolean> answer : answers.entrySet()) {
            generator.writeBooleanProperty(answer.getKey(), answer.getValue());
          }
          generator.writeEndObject();
          generator.writeStringProperty("digest_engine", build.digestEngine().get());
        });
  }

  /** Name and version. */
  public Page version() {
    return page(
        200,
        generator -> {
          generator.writeStringProperty("name", "millrace");
          generator.writeStringProperty("version", build.version());
        });
  }

  /** The metrics in Prometheus' text format. */
  public Page metrics() {
    return new Page(200, MetricsPage.CONTENT_TYPE, metrics.render());
  }

  private Page page(int status, Consumer<JsonGenerator> content) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), body)) {
      generator.writeStartObject();
      content.accept(generator);
      generator.writeEndObject();
    }
    return new Page(status, JSON, body.toByteArray());
  }
}
