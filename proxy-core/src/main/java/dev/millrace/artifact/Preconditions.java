package dev.millrace.artifact;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of one request (RFC 9110 §13), evaluated against a representation.
 *
 * <p>Threading: immutable. The values are the raw fields, several lines of one name joined by
 * commas.
 *
 * @param ifMatch {@code If-Match}
 * @param ifNoneMatch {@code If-None-Match}
 * @param ifModifiedSince {@code If-Modified-Since}
 * @param ifUnmodifiedSince {@code If-Unmodified-Since}
 * @param ifRange {@code If-Range}
 */
public record Preconditions(
    @Nullable String ifMatch,
    @Nullable String ifNoneMatch,
    @Nullable String ifModifiedSince,
    @Nullable String ifUnmodifiedSince,
    @Nullable String ifRange) {

  /** A request without conditions. */
  public static final Preconditions NONE = new Preconditions(null, null, null, null, null);

  /** What the conditions say. */
  public enum Verdict {
    /** Answer as if there were none. */
    PROCEED,
    /** 304. */
    NOT_MODIFIED,
    /** 412. */
    FAILED
  }

  /** Evaluates them in the order of RFC 9110 §13.2.2, for GET and HEAD. */
  public Verdict evaluate(@Nullable String etag, @Nullable String lastModified) {
    if (ifMatch != null) {
      if (!matches(ifMatch, etag, true)) {
        return Verdict.FAILED;
      }
    } else if (ifUnmodifiedSince != null && isModifiedAfter(lastModified, ifUnmodifiedSince)) {
      return Verdict.FAILED;
    }
    if (ifNoneMatch != null) {
      return matches(ifNoneMatch, etag, false) ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
    }
    if (ifModifiedSince != null && isUnmodifiedSince(lastModified, ifModifiedSince)) {
      return Verdict.NOT_MODIFIED;
    }
    return Verdict.PROCEED;
  }

  /**
   * Whether a range of this representation may be given (RFC 9110 §13.1.5); true without If-Range.
   */
  public boolean allowsRange(@Nullable String etag, @Nullable String lastModified) {
    if (ifRange == null) {
      return true;
    }
    String wanted = ifRange.strip();
    if (wanted.startsWith("\"") || wanted.startsWith("W/")) {
      return etag != null && isStrong(etag) && wanted.equals(etag);
    }
    OptionalLong date = HttpDate.parse(wanted);
    OptionalLong modified = HttpDate.parse(lastModified);
    return date.isPresent() && modified.isPresent() && date.getAsLong() == modified.getAsLong();
  }

  private static boolean isModifiedAfter(@Nullable String lastModified, String date) {
    OptionalLong limit = HttpDate.parse(date);
    OptionalLong modified = HttpDate.parse(lastModified);
    return limit.isPresent() && modified.isPresent() && modified.getAsLong() > limit.getAsLong();
  }

  private static boolean isUnmodifiedSince(@Nullable String lastModified, String date) {
    OptionalLong limit = HttpDate.parse(date);
    OptionalLong modified = HttpDate.parse(lastModified);
    return limit.isPresent() && modified.isPresent() && modified.getAsLong() <= limit.getAsLong();
  }

  private static boolean matches(String field, @Nullable String etag, boolean strong) {
    if (field.strip().equals("*")) {
      // The representation exists, or we would not evaluate.
      return true;
    }
    if (etag == null || (strong && !isStrong(etag))) {
      return false;
    }
    for (String candidate : entityTags(field)) {
      if (strong ? candidate.equals(etag) : opaque(candidate).equals(opaque(etag))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a tag may be compared byte for byte. */
  public static boolean isStrong(String etag) {
    return etag.startsWith("\"");
  }

  private static String opaque(String etag) {
    return etag.startsWith("W/") ? etag.substring(2) : etag;
  }

  /**
   * Splits a list of entity tags; a malformed list names none. Commas inside quotes belong to a
   * tag.
   */
  private static List<String> entityTags(String field) {
    List<String> tags = new ArrayList<>();
    int at = skip(field, 0, " \t,");
    while (at < field.length()) {
      int open = field.startsWith("W/", at) ? at + 2 : at;
      int close = field.startsWith("\"", open) ? field.indexOf('"', open + 1) : -1;
      if (close < 0) {
        return List.of();
      }
      tags.add(field.substring(at, close + 1));
      at = skip(field, close + 1, " \t");
      if (at < field.length() && field.charAt(at) != ',') {
        return List.of();
      }
      at = skip(field, at, " \t,");
    }
    return tags;
  }

  private static int skip(String field, int from, String what) {
    int at = from;
    while (at < field.length() && what.indexOf(field.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }
}
