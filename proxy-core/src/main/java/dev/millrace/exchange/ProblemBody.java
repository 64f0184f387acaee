package dev.millrace.exchange;

import dev.millrace.observe.Refusal;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The body of an error (RFC 9457). Threading: stateless. */
final class ProblemBody {
  static final String TYPE = "application/problem+json";

  private static final JsonFactory JSON = new JsonFactory();
  private static final int BYTES_EXPECTED = 192;

  private ProblemBody() {}

  /** The object of that refusal; {@code detail} holds no credential. */
  static byte[] of(int status, Refusal refusal, @Nullable String detail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(BYTES_EXPECTED);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("type", "about:blank");
      json.writeStringProperty("title", refusal.title());
      json.writeNumberProperty("status", status);
      json.writeStringProperty("reason", refusal.label());
      if (detail != null) {
        json.writeStringProperty("detail", detail);
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }
}
