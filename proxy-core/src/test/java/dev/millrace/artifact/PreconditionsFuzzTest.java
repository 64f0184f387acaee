package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.artifact.Preconditions.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Any conditions are judged as a plain reading of RFC 9110 §13.2.2 judges them.
 *
 * <p>An input has seven lines: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since,
 * If-Range, the tag and the date of the representation; an empty or missing line is no field.
 */
final class PreconditionsFuzzTest {

  @FuzzTest
  void conditions_areJudgedAsTheModelSays(byte[] data) {
    String[] lines = new String(data, StandardCharsets.ISO_8859_1).split("\n", -1);
    Preconditions conditions =
        new Preconditions(
            line(lines, 0), line(lines, 1), line(lines, 2), line(lines, 3), line(lines, 4));
    String etag = line(lines, 5);
    String lastModified = line(lines, 6);

    assertThat(conditions.evaluate(etag, lastModified))
        .isEqualTo(verdict(conditions, etag, lastModified));
    assertThat(conditions.allowsRange(etag, lastModified))
        .isEqualTo(allowsRange(conditions.ifRange(), etag, lastModified));
  }

  private static @Nullable String line(String[] lines, int index) {
    return index < lines.length && !lines[index].isEmpty() ? lines[index] : null;
  }

  private static Verdict verdict(
      Preconditions given, @Nullable String etag, @Nullable String lastModified) {
    boolean step1Or2 =
        given.ifMatch() != null
            ? matches(given.ifMatch(), etag, false)
            : compared(lastModified, given.ifUnmodifiedSince()) <= 0;
    if (!step1Or2) {
      return Verdict.FAILED;
    }
    boolean step3Or4 =
        given.ifNoneMatch() != null
            ? !matches(given.ifNoneMatch(), etag, true)
            : !bothDates(lastModified, given.ifModifiedSince())
                || compared(lastModified, given.ifModifiedSince()) > 0;
    return step3Or4 ? Verdict.PROCEED : Verdict.NOT_MODIFIED;
  }

  private static boolean allowsRange(
      @Nullable String ifRange, @Nullable String etag, @Nullable String lastModified) {
    if (ifRange == null) {
      return true;
    }
    String value = ifRange.strip();
    boolean sameTag = value.startsWith("\"") && value.equals(etag);
    return sameTag || (bothDates(value, lastModified) && compared(value, lastModified) == 0);
  }

  private static boolean bothDates(@Nullable String one, @Nullable String other) {
    return HttpDate.parse(one).isPresent() && HttpDate.parse(other).isPresent();
  }

  /** Below, at or above zero as the first is earlier, equal or later; zero without two dates. */
  private static int compared(@Nullable String one, @Nullable String other) {
    return bothDates(one, other)
        ? Long.compare(HttpDate.parse(one).orElseThrow(), HttpDate.parse(other).orElseThrow())
        : 0;
  }

  private static boolean matches(String field, @Nullable String etag, boolean weakly) {
    if (field.strip().equals("*")) {
      return true;
    }
    if (etag == null || (!weakly && !etag.startsWith("\""))) {
      return false;
    }
    return tags(field).stream()
        .anyMatch(tag -> weakly ? opaque(tag).equals(opaque(etag)) : tag.equals(etag));
  }

  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  /** Cuts at the commas outside quotes; one element that is no tag makes the list empty. */
  private static List<String> tags(String field) {
    List<String> tags = new ArrayList<>();
    StringBuilder element = new StringBuilder();
    boolean quoted = false;
    for (char c : (field + ",").toCharArray()) {
      quoted ^= c == '"';
      if (c != ',' || quoted) {
        element.append(c);
        continue;
      }
      String tag = element.toString().replaceAll("^[ \t]+|[ \t]+$", "");
      element.setLength(0);
      if (tag.matches("(?s)(W/)?\"[^\"]*\"")) {
        tags.add(tag);
      } else if (!tag.isEmpty()) {
        return List.of();
      }
    }
    return quoted ? List.of() : tags;
  }
}
