package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.config.Limits.STRONG_DATE_AGE;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.HttpDate;
import dev.millrace.artifact.RetryAfter;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.KeptNote;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final List<CharSequence> NAMING =
      List.of(
          HttpHeaderNames.ETAG,
          HttpHeaderNames.LAST_MODIFIED,
          HttpHeaderNames.DATE,
          HttpHeaderNames.CONTENT_ENCODING,
          HttpHeaderNames.CONTENT_TYPE,
          HttpHeaderNames.CONTENT_DISPOSITION,
          HttpHeaderNames.CONTENT_LANGUAGE);

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

  /** There is no rest: all of it has come. */
  record Complete() implements Answer {}

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

  /** For a body whose beginning an earlier fetch has left. */
  static ResumeRule of(FetchRequest first, KeptNote note) {
    HttpHeaders fields = new DefaultHttpHeaders();
    note.fields().forEach(fields::set);
    FetchHead begun = new FetchHead(200, fields, note.lengthBytes(), FetchHead.Framing.LENGTH);
    HeadRule.Store verdict =
        new HeadRule.Store(ArtifactHead.EMPTY, note.promised(), true, StoredArtifact.NEVER, false);
    return new ResumeRule(first, begun, verdict);
  }

  /**
   * What to remember of a body, so that {@link #of} can go on with it; null when nothing names it.
   */
  static @Nullable KeptNote note(ArtifactKey key, FetchHead begun, HeadRule.Store verdict) {
    List<Digest> promised = verdict.enforced() ? verdict.expected() : List.of();
    if (promised.isEmpty() && strongValidator(begun.headers()) == null) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    for (CharSequence name : NAMING) {
      String value = begun.headers().get(name);
      if (value != null) {
        fields.put(name.toString(), value);
      }
    }
    return new KeptNote(key, begun.contentLength(), fields, promised);
  }

  /** The same without a promise: for a part that leaves before the whole is proven. */
  static ResumeRule byName(FetchRequest first, FetchHead begun, HeadRule.Store verdict) {
    return new ResumeRule(
        first,
        begun,
        new HeadRule.Store(verdict.head(), List.of(), false, verdict.ttlMillis(), false));
  }

  /**
   * For parts that are given away before the whole is proven; null where nothing vouches for them.
   * A promised digest alone does only where the content never changes.
   */
  static @Nullable ResumeRule ofParts(FetchRequest first, FetchHead begun, HeadRule.Store verdict) {
    ResumeRule named = byName(first, begun, verdict);
    ResumeRule promised = new ResumeRule(first, begun, verdict);
    if (named.isNamed(1)) {
      return named;
    }
    return promised.proven && promised.lasting ? promised : null;
  }

  /** Whether a body of which so much came may be asked for again. */
  boolean isVouchedFor(long cameBytes) {
    return proven || validator != null || lasting || cameBytes == 0;
  }

  /** Whether the rest of a body of which so much came can be told from another's by its name. */
  boolean isNamed(long cameBytes) {
    return proven || validator != null || cameBytes == 0;
  }

  /** Whether a part ends before what is held back for the proof of the whole. */
  boolean isBeforeTheTail(long end) {
    return begun.contentLength() >= 0 && end <= begun.contentLength() - HOLD_BACK_BYTES;
  }

  /** The request for what is missing. */
  FetchRequest request(long cameBytes) {
    if (cameBytes == 0 || !isNamed(cameBytes)) {
      return first.whole();
    }
    return part(cameBytes, Long.MAX_VALUE);
  }

  /** The request for a part of a body that {@link #isNamed}. */
  FetchRequest part(long firstByte, long end) {
    return first.only(new FetchRequest.Part(firstByte, end, proven ? null : validator));
  }

  /**
   * The head of the whole body of which that answer brings a part; null where it does not bring the
   * part that was asked for, or says nothing of the whole.
   */
  static @Nullable FetchHead wholeOf(FetchHead answer, FetchRequest.Part asked) {
    Matcher range = contentRange(answer);
    if (answer.status() != 206 || !range.matches() || range.group(3).equals("*")) {
      return null;
    }
    long from = Long.parseLong(range.group(1));
    long last = Long.parseLong(range.group(2));
    long whole = Long.parseLong(range.group(3));
    boolean fits = from == asked.firstByte() && last >= from && last < whole;
    if (!fits || (answer.contentLength() >= 0 && answer.contentLength() != last - from + 1)) {
      return null;
    }
    HttpHeaders fields = answer.headers().copy();
    fields.remove(HttpHeaderNames.CONTENT_RANGE);
    return new FetchHead(200, fields, whole, FetchHead.Framing.LENGTH);
  }

  private static Matcher contentRange(FetchHead answer) {
    List<String> fields = answer.headers().getAll(HttpHeaderNames.CONTENT_RANGE);
    return CONTENT_RANGE.matcher(fields.size() == 1 ? fields.getFirst().strip() : "");
  }

  /** Judges the answer to {@link #request}. */
  Answer judge(FetchHead answer, long cameBytes, long nowMillis) {
    return switch (answer.status()) {
      case 200 -> whole(answer);
      case 206 -> part(answer, cameBytes);
      case 416 -> isWhole(answer, cameBytes) ? new Complete() : new Never(null);
      case 408, 425, 429, 500, 502, 503, 504 ->
          new Later(
              RetryAfter.millis(answer.headers().get(HttpHeaderNames.RETRY_AFTER), nowMillis));
      default -> new Never(null);
    };
  }

  /** Whether there is nothing behind what came (RFC 9110 §15.5.17). */
  private boolean isWhole(FetchHead answer, long cameBytes) {
    String range = answer.headers().get(HttpHeaderNames.CONTENT_RANGE);
    return ("bytes */" + cameBytes).equals(range)
        && (begun.contentLength() < 0 || begun.contentLength() == cameBytes);
  }

  /** Whether an answer bears the strong name that the body began under. */
  boolean isOfTheSameName(FetchHead answer) {
    return validator != null && validator.equals(strongValidator(answer.headers()));
  }

  private Answer whole(FetchHead answer) {
    // Weak names do not count: its beginning is compared, or its digest is known.
    String before = begun.headers().get(HttpHeaderNames.ETAG);
    String now = answer.headers().get(HttpHeaderNames.ETAG);
    boolean renamed = !proven && isStrong(before) && isStrong(now) && !Objects.equals(before, now);
    if (renamed || isOfAnotherLength(answer.contentLength()) || isCodedOtherwise(answer)) {
      return changed();
    }
    return new Continues(0, Math.max(answer.contentLength(), begun.contentLength()));
  }

  private Answer part(FetchHead answer, long cameBytes) {
    Matcher range = contentRange(answer);
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
    // A part need not repeat how it is coded (RFC 9110 §15.3.7).
    boolean recoded =
        answer.headers().contains(HttpHeaderNames.CONTENT_ENCODING) && isCodedOtherwise(answer);
    return isOfAnotherLength(whole) || isRenamed(answer) || recoded
        ? changed()
        : new Continues(from, whole);
  }

  private boolean isOfAnotherLength(long wholeBytes) {
    return begun.contentLength() >= 0 && wholeBytes >= 0 && wholeBytes != begun.contentLength();
  }

  /** Whether a part is named otherwise; a promised digest knows better than any name. */
  private boolean isRenamed(FetchHead answer) {
    HttpHeaders before = begun.headers();
    HttpHeaders now = answer.headers();
    if (proven || differs(before, now, HttpHeaderNames.ETAG)) {
      return !proven;
    }
    // Two servers may have two dates for what they give one strong tag.
    boolean sameTag =
        isStrong(now.get(HttpHeaderNames.ETAG)) && isStrong(before.get(HttpHeaderNames.ETAG));
    return !sameTag && differs(before, now, HttpHeaderNames.LAST_MODIFIED);
  }

  private boolean isCodedOtherwise(FetchHead answer) {
    return !proven
        && !Objects.equals(
            begun.headers().get(HttpHeaderNames.CONTENT_ENCODING),
            answer.headers().get(HttpHeaderNames.CONTENT_ENCODING));
  }

  private static boolean isStrong(@Nullable String tag) {
    return tag != null && tag.startsWith("\"");
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
      return isStrong(tag) ? tag : null;
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
