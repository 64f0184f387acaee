package dev.millrace.exchange;

import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.ResponseHead;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Errors are problem details (RFC 9457); heads have no more than all have. */
final class ProblemDialect implements Dialect {
  static final ProblemDialect INSTANCE = new ProblemDialect();

  private static final JsonFactory JSON = new JsonFactory();
  private static final int BYTES_EXPECTED = 192;

  private ProblemDialect() {}

  @Override
  public String errorType() {
    return "application/problem+json";
  }

  @Override
  public byte[] errorBody(int status, Refusal refusal, @Nullable String detail) {
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

  @Override
  public ResponseHead mark(ResponseHead head) {
    return head;
  }

  @Override
  public void describe(ResponseHead head, Representation shown) {
    // All fields have been said.
  }
}
