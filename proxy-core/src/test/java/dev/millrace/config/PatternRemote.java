package dev.millrace.config;

import com.google.re2j.Pattern;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A remote of which only the lists of patterns matter.
 *
 * @param patterns allow list
 * @param blocklist deny list
 * @param mutablePatterns paths that are mutable
 * @param immutablePatterns paths that are immutable
 * @param banTags tags of a registry that are refused
 */
public record PatternRemote(
    List<String> patterns,
    List<String> blocklist,
    List<String> mutablePatterns,
    List<String> immutablePatterns,
    List<String> banTags) {

  /** The settings of that remote; everything else is what a remote has by default. */
  public RemoteSettings settings() {
    return new RemoteSettings(
        "gen",
        "generic",
        URI.create("http://origin.example.com"),
        "",
        "",
        "",
        null,
        Duration.ZERO,
        Duration.ofHours(1),
        Duration.ofMinutes(1),
        compiled(patterns),
        compiled(blocklist),
        compiled(mutablePatterns),
        compiled(immutablePatterns),
        compiled(banTags),
        true,
        true,
        true,
        Set.of(),
        "",
        RemoteSettings.Verify.ENFORCE,
        true,
        RemoteSettings.CompletePartial.AUTO,
        1,
        true,
        32,
        new RemoteSettings.OriginTimeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60)),
        null,
        false,
        false);
  }

  private static List<Pattern> compiled(List<String> patterns) {
    return patterns.stream().map(Pattern::compile).toList();
  }
}
