package dev.millrace.fill;

import static dev.millrace.config.Limits.STRONG_DATE_AGE;

import dev.millrace.artifact.HttpDate;
import dev.millrace.artifact.RetryAfter;
import dev.millrace.observe.FetchFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for when a body broke off, and whether an answer to that is its rest.
 *
 * <p>Something has to vouch for the rest belonging to the beginning:
 *
 * <ul>
 *   <li>a promised digest: then the rest is asked for without a condition, and the digest tells;
 *   <li>a strong validator: the rest is asked for with {@code If-Range} (RFC 9110 §13.1.5);
 *   <li>neither, where the content never changes or none of it came: the whole is asked for again.
 * </ul>
 *
 * <p>Where the whole comes, asked for or not, its beginning is compared with what is there, so that
 * the result is one body of the upstream and never parts of two (RFC 9111 §3.4).
 *
 * <p>Threading: immutable.
 */
final class ResumeRule {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  private final FetchRequest first;
  private final FetchHead begun;
  private final boolean lasting;
  private final boolean proven;
  private final @Nullable String validator;

  /** What an answer means. */
  sealed interface Answer {}

  /**
   * It is the rest, or the whole.
   *
   * @param firstByte where it begins: where the last one broke off, or 0
   * @param wholeBytes length of the whole body, -1 when it is not known
   */
  record Continues(long firstByte, long wholeBytes) implements Answer {}

  /**
   * The upstream is out for a while.
   *
   * @param afterMillis when it wants to be asked again, 0 when it does not say
   */
  record Later(long afterMillis) implements Answer {}

  /**
   * There is no rest of the body that began.
   *
   * @param failure why, null when what broke the body off is the better reason
   */
  record Never(@Nullable FillFailure failure) implements Answer {}

  ResumeRule(FetchRequest first, FetchHead begun, HeadRule.Store verdict) {
    this.first = first;
    this.begun = begun;
    this.lasting = verdict.lasting();
    this.proven = verdict.enforced() && !verdict.expected().isEmpty();
    this.validator = strongValidator(begun.headers());
  }

  /** Whether a body of which so much came may be asked for again. */
  boolean isVouchedFor(long cameBytes) {
    return proven || validator != null || lasting || cameBytes == 0;
  }

  /** Whether the rest of a body of which so much came can be told from another's by its name. */
  boolean isNamed(long cameBytes) {
    return proven || validator != null || cameBytes == 0;
  }

  /** The request for what is missing. */
  FetchRequest request(long cameBytes) {
    if (cameBytes == 0 || (!proven && validator == null)) {
      return FetchRequest.get(first.remote(), first.path());
    }
    return FetchRequest.rest(
        first.remote(), first.path(), new FetchRequest.Rest(cameBytes, proven ? null : validator));
  }

  /** Judges the answer to {@link #request}. */
  Answer judge(FetchHead answer, long cameBytes, long nowMillis) {
    return switch (answer.status()) {
      case 200 -> whole(answer);
      case 206 -> part(answer, cameBytes);
      case 408, 425, 429, 500, 502, 503, 504 ->
          new Later(
              RetryAfter.millis(answer.headers().get(HttpHeaderNames.RETRY_AFTER), nowMillis));
      default -> new Never(null);
    };
  }

  private Answer whole(FetchHead answer) {
    if (isChanged(answer, answer.contentLength())) {
      return changed();
    }
    return new Continues(0, Math.max(answer.contentLength(), begun.contentLength()));
  }

  private Answer part(FetchHead answer, long cameBytes) {
    var fields = answer.headers().getAll(HttpHeaderNames.CONTENT_RANGE);
    Matcher range = CONTENT_RANGE.matcher(fields.size() == 1 ? fields.getFirst().strip() : "");
    if (!range.matches()) {
      return bad("a part without a single Content-Range");
    }
    long from = Long.parseLong(range.group(1));
    long last = Long.parseLong(range.group(2));
    boolean told = !range.group(3).equals("*");
    long whole = told ? Long.parseLong(range.group(3)) : begun.contentLength();
    if (from != cameBytes || last < from || whole <= last) {
      return bad("another part than was asked for, or of unknown length");
    }
    if (answer.contentLength() >= 0 && answer.contentLength() != last - from + 1) {
      return bad("a part whose length is not that of its range");
    }
    return isChanged(answer, whole) ? changed() : new Continues(from, whole);
  }

  /** Whether it is about another body; a promised digest knows better than any validator. */
  private boolean isChanged(FetchHead answer, long wholeBytes) {
    if (begun.contentLength() >= 0 && wholeBytes >= 0 && wholeBytes != begun.contentLength()) {
      return true;
    }
    if (proven) {
      return false;
    }
    HttpHeaders before = begun.headers();
    HttpHeaders now = answer.headers();
    return differs(before, now, HttpHeaderNames.ETAG)
        || differs(before, now, HttpHeaderNames.LAST_MODIFIED)
        || !Objects.equals(
            before.get(HttpHeaderNames.CONTENT_ENCODING),
            now.get(HttpHeaderNames.CONTENT_ENCODING));
  }

  private static boolean differs(HttpHeaders before, HttpHeaders now, CharSequence name) {
    String then = before.get(name);
    String again = now.get(name);
    return then != null && again != null && !then.equals(again);
  }

  private static Never changed() {
    return new Never(
        new FillFailure(FetchFailure.CHANGED, "it was replaced while it was being fetched"));
  }

  private static Never bad(String detail) {
    return new Never(new FillFailure(FetchFailure.RANGE_MISMATCH, detail));
  }

  /**
   * What can stand in {@code If-Range}: a strong entity tag, or without any tag a date that is
   * clearly older than its answer (RFC 9110 §8.8.2.2).
   */
  private static @Nullable String strongValidator(HttpHeaders fields) {
    String tag = fields.get(HttpHeaderNames.ETAG);
    if (tag != null) {
      return tag.startsWith("\"") ? tag : null;
    }
    String modified = fields.get(HttpHeaderNames.LAST_MODIFIED);
    OptionalLong at = HttpDate.parse(modified);
    OptionalLong sent = HttpDate.parse(fields.get(HttpHeaderNames.DATE));
    boolean strong =
        at.isPresent()
            && sent.isPresent()
            && sent.getAsLong() - at.getAsLong() >= STRONG_DATE_AGE.toMillis();
    return strong ? modified : null;
  }
}
