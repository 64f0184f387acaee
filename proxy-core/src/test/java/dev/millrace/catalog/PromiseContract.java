package dev.millrace.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.Promise;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Catalog} does with the promises of indexes. */
abstract class PromiseContract {
  /** The catalog under test, empty before each test. */
  abstract Catalog catalog();

  private static Digest digest(int number) {
    return Digest.sha256("%064x".formatted(number));
  }

  @Test
  void promises_areFoundByTheirName_andTheLaterHolds() {
    Promise first = new Promise("a", "x.tgz", digest(1));
    Promise other = new Promise("b", "x.tgz", new Digest(DigestAlgorithm.SHA_1, "0".repeat(40)));
    catalog().learn(List.of(first, other), 10);
    catalog().learn(List.of(new Promise("a", "x.tgz", digest(2))), 20);

    assertThat(catalog().promised("a", "x.tgz")).contains(digest(2));
    assertThat(catalog().promised("b", "x.tgz")).contains(other.digest());
    assertThat(catalog().promised("a", "y.tgz")).isEmpty();
  }

  @Test
  void promises_thatWereLearnedFirst_areForgottenFirst() {
    for (int i = 0; i < 5; i++) {
      catalog().learn(List.of(new Promise("a", "file-" + i, digest(i))), i);
    }

    assertThat(catalog().forgetPromises(2)).isEqualTo(3);

    assertThat(catalog().promised("a", "file-2")).isEmpty();
    assertThat(catalog().promised("a", "file-3")).contains(digest(3));
    assertThat(catalog().forgetPromises(2)).isZero();
  }
}
