package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.config.PatternRemote;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The user's patterns come before the format's rules, mutable before immutable. */
final class ClassifierTest {

  /** Everything is mutable. */
  private static final class MovingFormat implements Format {
    @Override
    public String name() {
      return "moving";
    }

    @Override
    public ContentClass classify(String path) {
      assertThat(path).doesNotContain("?");
      return ContentClass.MUTABLE;
    }

    @Override
    public List<Digest> promisedDigests(String path, Fields fields) {
      return List.of();
    }
  }

  private static Classifier classifier(Format format, List<String> mutable, List<String> fixed) {
    return new Classifier(
        new PatternRemote(List.of(), List.of(), mutable, fixed, List.of()).settings(), format);
  }

  @ParameterizedTest
  @CsvSource({
    "a/latest/b, MUTABLE",
    "a/latest.txt, MUTABLE",
    "a/latest.fixed, MUTABLE",
    "a/x.fixed, IMMUTABLE",
    "a/x, IMMUTABLE",
    "a/x?latest, IMMUTABLE",
    "latest?x, MUTABLE",
    "latest/, MUTABLE",
    "x/, PASS_THROUGH",
    "'', PASS_THROUGH",
    "?x, PASS_THROUGH",
    "x/?y=z, PASS_THROUGH"
  })
  void generic_isImmutableUnlessAPatternSaysOtherwise(String path, ContentClass expected) {
    Classifier classifier =
        classifier(new GenericFormat(), List.of("latest"), List.of("\\.fixed$"));

    assertThat(classifier.classify(path)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "x.fixed, IMMUTABLE",
    "x.fixed?y, IMMUTABLE",
    "x?y.fixed, MUTABLE",
    "latest.fixed, MUTABLE",
    "x, MUTABLE"
  })
  void immutablePattern_overridesTheFormat(String path, ContentClass expected) {
    Classifier classifier = classifier(new MovingFormat(), List.of("latest"), List.of("\\.fixed$"));

    assertThat(classifier.classify(path)).isEqualTo(expected);
  }

  /** IX18. */
  @Test
  void generic_doesNotStoreListings() {
    Format generic = new GenericFormat();

    assertThat(generic.classify("")).isEqualTo(ContentClass.PASS_THROUGH);
    assertThat(generic.classify("/")).isEqualTo(ContentClass.PASS_THROUGH);
    assertThat(generic.classify("a/")).isEqualTo(ContentClass.PASS_THROUGH);
    assertThat(generic.classify("a")).isEqualTo(ContentClass.IMMUTABLE);
  }

  @Test
  void formats_areFoundByName() {
    assertThat(Formats.named("generic")).isInstanceOf(GenericFormat.class);
    assertThat(Formats.named("Generic")).isNull();
    assertThat(Formats.named("")).isNull();
    assertThat(new GenericFormat().name()).isEqualTo("generic");
  }
}
