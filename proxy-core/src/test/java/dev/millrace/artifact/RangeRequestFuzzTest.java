package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.artifact.RangeRequest.Resolved;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Any field is read as a simple model with numbers of any size reads it. */
final class RangeRequestFuzzTest {
  private static final Pattern ONE_RANGE = Pattern.compile("(?i:bytes)=([0-9]*)-([0-9]*)");
  private static final long[] LENGTHS = {0, 1, 2, 10, 1 << 20, Long.MAX_VALUE - 1, Long.MAX_VALUE};

  @FuzzTest
  void field_resolvesAsTheModelSays(byte[] data) {
    String field = new String(data, StandardCharsets.ISO_8859_1);
    RangeRequest range = RangeRequest.parse(field);

    for (long length : LENGTHS) {
      assertThat(range.resolve(length)).as("of " + length).isEqualTo(model(field, length));
    }
  }

  private static Resolved model(String field, long length) {
    Matcher matcher = ONE_RANGE.matcher(field);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return new Resolved.Whole();
    }
    BigInteger size = BigInteger.valueOf(length);
    BigInteger end = size.subtract(BigInteger.ONE);
    BigInteger second = matcher.group(2).isEmpty() ? size : new BigInteger(matcher.group(2));
    if (matcher.group(1).isEmpty()) {
      if (second.signum() == 0) {
        return new Resolved.Unsatisfiable();
      }
      return length == 0
          ? new Resolved.Whole()
          : part(size.subtract(second).max(BigInteger.ZERO), end);
    }
    BigInteger first = new BigInteger(matcher.group(1));
    if (!matcher.group(2).isEmpty() && saturated(second).compareTo(saturated(first)) < 0) {
      return new Resolved.Whole();
    }
    return first.compareTo(size) >= 0 ? new Resolved.Unsatisfiable() : part(first, second.min(end));
  }

  private static BigInteger saturated(BigInteger number) {
    return number.min(BigInteger.valueOf(Long.MAX_VALUE));
  }

  private static Resolved part(BigInteger first, BigInteger last) {
    return new Resolved.Part(first.longValueExact(), last.longValueExact());
  }
}
