package dev.millrace.observe;

import dev.millrace.artifact.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the request log says of one request.
 *
 * @param time when the request's head was whole
 * @param asked what the client asked for
 * @param answer what it got
 * @param upstream what the fetch took that it caused; null when it caused none
 */
public record RequestLine(Instant time, Asked asked, Answer answer, @Nullable Upstream upstream) {

  /**
   * What the client asked for.
   *
   * @param method request method
   * @param remote name of a configured remote, null for none
   * @param target request target as it came; secrets are masked when it is written
   * @param client address of the client
   * @param userAgent as it came; cut when it is written
   */
  public record Asked(
      String method,
      @Nullable String remote,
      String target,
      String client,
      @Nullable String userAgent) {}

  /**
   * What the client got.
   *
   * @param status status of the answer; 0 when none was sent
   * @param how how it ended
   * @param bytes body bytes sent
   * @param firstByteMicros from the request to the first byte of the answer; -1 when there was none
   * @param totalMicros from the request to the end
   * @param digest of the whole artifact, null when not known
   */
  public record Answer(
      int status,
      End how,
      long bytes,
      long firstByteMicros,
      long totalMicros,
      @Nullable Digest digest) {}

  /**
   * How a request ended.
   *
   * @param outcome the outcome
   * @param source where the bytes came from
   * @param refusal why Millrace said no, null when it did not
   * @param failure why the fetch broke, null when it did not
   */
  public record End(
      Outcome outcome, Source source, @Nullable Refusal refusal, @Nullable FetchFailure failure) {
    /** An end without anything wrong. */
    public static End of(Outcome outcome, Source source) {
      return new End(outcome, source, null, null);
    }
  }

  /**
   * What the upstream took.
   *
   * @param headMicros from the request to the whole response head; -1 when it did not come
   * @param totalMicros from the request to the last byte; -1 when it did not come
   */
  public record Upstream(long headMicros, long totalMicros) {}
}
