package dev.millrace.observe;

import dev.millrace.config.Limits;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Writes a request as one line of JSON.
 *
 * <p>Everything that is not printable ASCII is escaped, so that no name or user agent can end a
 * line or speak to a terminal. What is not known is left out.
 *
 * <p>A line, here broken:
 *
 * <pre>{@code
 * {"time":"2026-01-02T03:04:05.678Z","method":"GET","remote":"files",
 *  "path":"/api/v1/remote/files/a.bin?token=***","status":200,"outcome":"miss","source":"remote",
 *  "bytes":12582912,"ttfb_us":812,"total_us":104512,"digest":"sha256:...",
 *  "upstream_head_us":640,"upstream_total_us":99871,"client":"127.0.0.1","user_agent":"curl/8.0"}
 * }</pre>
 *
 * <p>Threading: confined to the thread of the request log.
 */
final class RequestLineWriter {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final JsonFactory json =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** Appends the line and its end; nothing is appended when it throws. */
  void append(RequestLine line, ByteArrayOutputStream out) {
    ByteArrayOutputStream one = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), one)) {
      generator.writeStartObject();
      generator.writeStringProperty("time", time(line.time()));
      writeAsked(generator, line.asked());
      writeAnswer(generator, line.answer());
      RequestLine.Upstream upstream = line.upstream();
      if (upstream != null) {
        writeKnown(generator, "upstream_head_us", upstream.headMicros());
        writeKnown(generator, "upstream_total_us", upstream.totalMicros());
      }
      generator.writeStringProperty("client", clean(line.asked().client()));
      String agent = line.asked().userAgent();
      if (agent != null) {
        generator.writeStringProperty("user_agent", clean(cut(agent)));
      }
      generator.writeEndObject();
    }
    one.write('\n');
    out.writeBytes(one.toByteArray());
  }

  private static void writeAsked(JsonGenerator generator, RequestLine.Asked asked) {
    generator.writeStringProperty("method", clean(asked.method()));
    if (asked.remote() != null) {
      generator.writeStringProperty("remote", clean(asked.remote()));
    }
    generator.writeStringProperty("path", clean(QueryMask.mask(asked.target())));
  }

  private static void writeAnswer(JsonGenerator generator, RequestLine.Answer answer) {
    RequestLine.End how = answer.how();
    generator.writeNumberProperty("status", answer.status());
    generator.writeStringProperty("outcome", how.outcome().label());
    String reason = reason(how);
    if (reason != null) {
      generator.writeStringProperty("reason", reason);
    }
    generator.writeStringProperty("source", how.source().label());
    generator.writeNumberProperty("bytes", answer.bytes());
    writeKnown(generator, "ttfb_us", answer.firstByteMicros());
    generator.writeNumberProperty("total_us", answer.totalMicros());
    if (answer.digest() != null) {
      generator.writeStringProperty("digest", answer.digest().toString());
    }
  }

  /** The failure is the more exact of the two. */
  private static @Nullable String reason(RequestLine.End how) {
    if (how.failure() != null) {
      return how.failure().label();
    }
    return how.refusal() == null ? null : how.refusal().label();
  }

  private static void writeKnown(JsonGenerator generator, String name, long value) {
    if (value >= 0) {
      generator.writeNumberProperty(name, value);
    }
  }

  private static String time(Instant time) {
    return MILLIS.format(time);
  }

  private static String cut(String agent) {
    return agent.length() <= Limits.USER_AGENT_CHARS
        ? agent
        : agent.substring(0, Limits.USER_AGENT_CHARS);
  }

  /**
   * Takes out what the generator cannot or does not escape: halves of surrogate pairs, which it
   * refuses, and DEL.
   */
  private static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0x7f || Character.isSurrogate(c)) {
        return text.replaceAll("[\\x7f\\ud800-\\udfff]", "?");
      }
    }
    return text;
  }
}
