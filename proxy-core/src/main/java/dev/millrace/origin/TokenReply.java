package dev.millrace.origin;

import static dev.millrace.config.Limits.TOKEN_BYTES_MAX;
import static dev.millrace.config.Limits.TOKEN_LIFE;

import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the answer of a token server (Docker Registry token specification, "Token Response
 * Fields").
 *
 * <p>Limits: {@code Limits.TOKEN_BYTES_MAX}, on the heap and outside of the body budget, one answer
 * for each challenge.
 *
 * <p>Threading: confined to the fetch's loop.
 */
final class TokenReply implements FetchSink {
  private static final JsonFactory JSON = new JsonFactory();

  /** What may stand in a field (RFC 6750 §2.1). */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{1,32768}");

  private final Challenge challenge;
  private final Tokens tokens;
  private final LongSupplier nanos;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private @Nullable FetchFlow flow;

  TokenReply(Challenge challenge, Tokens tokens, LongSupplier nanos) {
    this.challenge = challenge;
    this.tokens = tokens;
    this.nanos = nanos;
  }

  @Override
  public void onHead(FetchHead head, FetchFlow source) {
    flow = source;
    int status = head.status();
    if (status == 200) {
      source.read();
      return;
    }
    source.cancel();
    boolean out = status >= 500 || status == 429;
    tokens.settle(
        challenge,
        out ? FetchFailure.TOKEN_UNAVAILABLE : FetchFailure.TOKEN_REFUSED,
        "the token server answered " + status);
  }

  @Override
  public void onBody(ByteBuf piece) {
    try {
      if (received.size() + piece.readableBytes() <= TOKEN_BYTES_MAX) {
        piece.readBytes(received, piece.readableBytes());
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory does not fail", e);
    } finally {
      piece.release();
    }
    Objects.requireNonNull(flow).cancel();
    refuse("the token server's answer is too long");
  }

  @Override
  public void onReadComplete() {
    Objects.requireNonNull(flow).read();
  }

  @Override
  public void onEnd(BodyEnd end) {
    try {
      read();
    } catch (RuntimeException | Error e) {
      // Whoever waits would wait for ever.
      tokens.settle(challenge, FetchFailure.INTERNAL, e.getClass().getSimpleName());
      throw e;
    }
  }

  private void read() {
    String token = null;
    long seconds = TOKEN_LIFE.toSeconds();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), received.toByteArray())) {
      int depth = 0;
      for (JsonToken next = json.nextToken(); next != null; next = json.nextToken()) {
        depth += next.isStructStart() ? 1 : next.isStructEnd() ? -1 : 0;
        if (depth != 1 || !next.isScalarValue()) {
          continue;
        }
        switch (String.valueOf(json.currentName())) {
          case "token", "access_token" -> {
            boolean named = next == JsonToken.VALUE_STRING && !json.getString().isEmpty();
            token = named && token == null ? json.getString() : token;
          }
          case "expires_in" -> seconds = seconds(json, next, seconds);
          default -> {
            // Nothing that we need.
          }
        }
      }
    } catch (JacksonException e) {
      refuse("the token server's answer is no JSON");
      return;
    }
    if (token == null || !TOKEN.matcher(token).matches()) {
      refuse("the token server's answer holds no token");
      return;
    }
    Duration life = Duration.ofSeconds(Math.clamp(seconds, 0, Duration.ofDays(1).toSeconds()));
    tokens.settle(challenge, token, life, nanos.getAsLong());
  }

  private static long seconds(JsonParser json, JsonToken value, long otherwise) {
    // A number that fits into no long is for ever to us.
    return value != JsonToken.VALUE_NUMBER_INT
        ? otherwise
        : json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? Long.MAX_VALUE
            : json.getLongValue();
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    tokens.settle(challenge, reason, "token: " + detail);
  }

  private void refuse(String why) {
    tokens.settle(challenge, FetchFailure.TOKEN_REFUSED, why);
  }
}
