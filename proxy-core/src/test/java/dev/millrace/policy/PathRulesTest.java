package dev.millrace.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.PatternRemote;
import dev.millrace.observe.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of a remote cannot be walked around by another spelling. */
final class PathRulesTest {

  private static PathRules rules(List<String> patterns, List<String> blocklist) {
    return new PathRules(
        new PatternRemote(patterns, blocklist, List.of(), List.of(), List.of()).settings());
  }

  @Test
  void noLists_letEverythingPass() {
    PathRules rules = rules(List.of(), List.of());

    assertThat(rules.refusalOf("a/b")).isNull();
    assertThat(rules.refusalOf("")).isNull();
    assertThat(rules.refusalOf("a%2fb?x")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret/x",
        "secret/",
        "%73ecret/x",
        "%73%65%63%72%65%74/x",
        "secret%2fx",
        "secret%2Fx",
        "/secret/x",
        "//secret/x",
        "secret//x",
        "%2fsecret/x",
        ";p=1/secret/x",
        "secret;p=1/x",
        "secret;/x",
        "secret%3b/x",
        "secret%5cx",
        "%5csecret/x",
        "secret/x?y=1",
        "secret/x?allowed"
      })
  void blockedPath_isRefusedInEverySpelling(String path) {
    assertThat(rules(List.of(), List.of("^secret/")).refusalOf(path)).isEqualTo(Refusal.BLOCKLIST);
    assertThat(rules(List.of("."), List.of("^secret/")).refusalOf(path))
        .isEqualTo(Refusal.BLOCKLIST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secrets/x",
        "a/secret/x",
        "a?/secret/x",
        "secret",
        "secre%2574/x",
        "a;secret/x"
      })
  void pathBesideTheBlocklist_passes(String path) {
    assertThat(rules(List.of(), List.of("^secret/")).refusalOf(path)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "pub/a.whl, ",
    "pub/a%2ewhl, ",
    "pub/a.whl?token=1, ",
    "%70ub/a.whl, ",
    "pub/a.whl.asc, PATTERNS",
    "priv/a.whl, PATTERNS",
    "priv/a?pub/a.whl, PATTERNS",
    "priv/pub/a.whl, PATTERNS",
    "pub%252fa.whl, PATTERNS",
    "'', PATTERNS"
  })
  void allowList_mustMatchTheDecodedPath(String path, Refusal expected) {
    assertThat(rules(List.of("^pub/.*\\.whl$"), List.of()).refusalOf(path)).isEqualTo(expected);
  }

  @Test
  void plus_standsForItself() {
    assertThat(rules(List.of("^c\\+\\+/"), List.of()).refusalOf("c++/x")).isNull();
    assertThat(rules(List.of("^c\\+\\+/"), List.of()).refusalOf("c%2B%2b/x")).isNull();
    assertThat(rules(List.of(), List.of(" ")).refusalOf("a+b")).isNull();
    assertThat(rules(List.of(), List.of(" ")).refusalOf("a%20b")).isEqualTo(Refusal.BLOCKLIST);
  }

  @Test
  void patterns_matchAnywhereUnlessAnchored_andAnyOfThemCounts() {
    PathRules rules = rules(List.of("^x$", "whl"), List.of("bad", "^evil"));

    assertThat(rules.refusalOf("a/whl/b")).isNull();
    assertThat(rules.refusalOf("x")).isNull();
    assertThat(rules.refusalOf("whl/bad")).isEqualTo(Refusal.BLOCKLIST);
    assertThat(rules.refusalOf("evil/whl")).isEqualTo(Refusal.BLOCKLIST);
    assertThat(rules.refusalOf("a/evil")).isEqualTo(Refusal.PATTERNS);
  }

  /** A rule that cannot be evaluated denies. */
  @ParameterizedTest
  @ValueSource(strings = {"a%zz", "a%", "%"})
  void pathThatCannotBeDecoded_isRefused(String path) {
    assertThat(rules(List.of(), List.of("^secret/")).refusalOf(path)).isEqualTo(Refusal.BAD_PATH);
    assertThat(rules(List.of("."), List.of()).refusalOf(path)).isEqualTo(Refusal.BAD_PATH);
  }

  /** IX17. */
  @Test
  void nameMadeToSlowAnExpression_takesLinearTime() {
    PathRules rules = rules(List.of(), List.of("^(a+)+$", "(a|aa)+b"));

    assertThat(rules.refusalOf("a".repeat(100_000) + "!")).isNull();
  }

  private static PathRules banning(String... tags) {
    return new PathRules(
        new PatternRemote(List.of(), List.of(), List.of(), List.of(), List.of(tags)).settings());
  }

  @Test
  void bannedTag_isRefused_asAManifestOnly() {
    PathRules rules = banning("^latest$", "-rc[0-9]+$");
    String digest = "sha256:" + "a".repeat(64);

    assertThat(rules.refusalOf("v2/a/b/manifests/latest")).isEqualTo(Refusal.BANNED_TAG);
    assertThat(rules.refusalOf("v2/a/b/manifests/1.0-rc1?x=y")).isEqualTo(Refusal.BANNED_TAG);
    assertThat(rules.refusalOf("v2/a/b/manifests/latest-1")).isNull();
    assertThat(rules.refusalOf("v2/a/b/manifests/" + digest)).isNull();
    assertThat(rules.refusalOf("v2/latest/blobs/" + digest)).isNull();
    assertThat(rules.refusalOf("v2/latest/tags/list")).isNull();
    assertThat(banning(".").refusalOf("v2/a/manifests/" + digest)).isNull();
  }
}
