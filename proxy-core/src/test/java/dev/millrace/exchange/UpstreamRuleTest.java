package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.Networks;
import dev.millrace.config.RemoteDraft;
import dev.millrace.config.RemoteSettings.Verify;
import dev.millrace.config.Settings;
import dev.millrace.coordinate.NegativeCache;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.fill.Fetcher;
import dev.millrace.fill.FillEvents;
import dev.millrace.fill.FillServices;
import dev.millrace.fill.FillTable;
import dev.millrace.fill.HeadRule.Store;
import dev.millrace.fill.HeadRule.Verdict;
import dev.millrace.format.ContentClass;
import dev.millrace.observe.FetchFailure;
import dev.millrace.serve.HotBodies;
import dev.millrace.storage.MemoryTempDir;
import dev.millrace.store.ManualClock;
import dev.millrace.store.StoreFixture;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Status, class and fields of an upstream's answer decide what becomes of it. */
final class UpstreamRuleTest {
  private static final ArtifactKey KEY = StoreFixture.key("a");
  private static final Digest DIGEST = StoreFixture.digestOf(new byte[] {1});
  private static final String REPR_DIGEST = "sha-256=:" + DIGEST.base64() + ":";

  private final StoreFixture stored;
  private final NegativeCache negative = new NegativeCache(() -> 0);
  private final ExchangeServices services;

  UpstreamRuleTest(@TempDir(factory = MemoryTempDir.class) Path data) throws IOException {
    stored = StoreFixture.open(data);
    Fetcher nobody =
        (request, sink) -> {
          throw new AssertionError("a rule asks nobody");
        };
    BodyBudget budget = new BodyBudget(1);
    FillTable fills =
        new FillTable(
            new FillServices(
                nobody,
                stored.store(),
                budget,
                Runnable::run,
                new JdkDigestEngine(),
                stored.clock,
                () -> 0,
                new Silence(),
                Long.MAX_VALUE,
                Duration.ZERO),
            1);
    services =
        new ExchangeServices(
            stored.store(),
            fills,
            nobody,
            budget,
            new HotBodies(budget, Runnable::run),
            negative,
            new Indexes(stored.store(), new JdkDigestEngine(), Runnable::run, 1 << 20, 0),
            new PublicUrl(new Settings.Outward(null, Networks.NONE)),
            stored.clock);
  }

  @AfterEach
  void nothingIsLeft() {
    stored.close();
  }

  /** Nothing happens to fills here. */
  private static final class Silence implements FillEvents {
    @Override
    public void headReceived(long nanos) {
      throw new AssertionError();
    }

    @Override
    public void fillFailed(FetchFailure reason) {
      throw new AssertionError();
    }

    @Override
    public void resumed() {
      throw new AssertionError();
    }

    @Override
    public void segmentFetched() {
      throw new AssertionError();
    }

    @Override
    public void digestMismatch() {
      throw new AssertionError();
    }

    @Override
    public void commitFailed() {
      throw new AssertionError();
    }

    @Override
    public void degradedToRelay() {
      throw new AssertionError();
    }
  }

  private UpstreamRule rule(
      RemoteDraft draft, ContentClass contentClass, @Nullable StoredArtifact stale) {
    return new UpstreamRule(
        Remote.of(draft.settings(), List.of()), KEY, contentClass, stale, null, services);
  }

  private Verdict verdict(ContentClass contentClass, FetchHead head) {
    return rule(new RemoteDraft(), contentClass, null).decide(head);
  }

  private static FetchHead head(int status, Framing framing, String... namesAndValues) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new FetchHead(status, headers, framing == Framing.LENGTH ? 10 : -1, framing);
  }

  private static String word(Verdict verdict) {
    return verdict.getClass().getSimpleName();
  }

  @ParameterizedTest
  @CsvSource({
    "200, IMMUTABLE, Store",
    "200, MUTABLE, Store",
    "200, PASS_THROUGH, Relay",
    "201, IMMUTABLE, Relay",
    "203, IMMUTABLE, Relay",
    "204, IMMUTABLE, Relay",
    "206, IMMUTABLE, Relay",
    "299, MUTABLE, Relay",
    "300, IMMUTABLE, Answer",
    "301, IMMUTABLE, Answer",
    "304, IMMUTABLE, Answer",
    "304, MUTABLE, Answer",
    "400, IMMUTABLE, Answer",
    "401, IMMUTABLE, Answer",
    "403, PASS_THROUGH, Answer",
    "404, IMMUTABLE, Answer",
    "410, MUTABLE, Answer",
    "416, IMMUTABLE, Answer",
    "429, IMMUTABLE, Answer",
    "500, IMMUTABLE, Answer",
    "503, MUTABLE, Answer",
    "599, IMMUTABLE, Answer"
  })
  void statusAndClass_decide(int status, ContentClass contentClass, String expected) {
    assertThat(word(verdict(contentClass, head(status, Framing.LENGTH)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Cache-Control | no-store | Relay",
        "Cache-Control | NO-STORE | Relay",
        "Cache-Control | max-age=60, no-store | Relay",
        "Cache-Control | private | Relay",
        "Cache-Control | private=\"set-cookie\" | Relay",
        "Cache-Control | no-cache | Store",
        "Cache-Control | max-age=0, must-revalidate | Store",
        "Cache-Control | no-store-at-all, privateer | Store",
        "Cache-Control | public | Store",
        "Pragma | no-cache | Store",
        "Expires | 0 | Store",
        "Vary | * | Relay",
        "Vary | Accept, * | Relay",
        "Vary | Cookie | Relay",
        "Vary | accept-encoding, COOKIE | Relay",
        "Vary | Accept-Encoding | Store",
        "Vary | Accept | Store",
        "Content-Encoding | gzip | Store"
      })
  void fields_mayForbidStoring(String name, String value, String expected) {
    FetchHead head = head(200, Framing.LENGTH, name, value);

    assertThat(word(verdict(ContentClass.IMMUTABLE, head))).isEqualTo(expected);
  }

  @Test
  void directiveOnASecondLine_counts() {
    FetchHead head =
        head(200, Framing.LENGTH, "Cache-Control", "public", "Cache-Control", "no-store");

    assertThat(word(verdict(ContentClass.IMMUTABLE, head))).isEqualTo("Relay");
  }

  @ParameterizedTest
  @CsvSource({
    "LENGTH, false, ENFORCE, Store",
    "CHUNKED, false, ENFORCE, Store",
    "CLOSE, false, ENFORCE, Relay",
    "CLOSE, true, ENFORCE, Store",
    "CLOSE, true, REPORT, Relay",
    "CLOSE, true, OFF, Relay",
    "LENGTH, true, OFF, Store"
  })
  void bodyThatOnlyACloseEnds_isStoredOnlyWithAnEnforcedDigest(
      Framing framing, boolean promised, Verify verify, String expected) {
    FetchHead head = promised ? head(200, framing, "Repr-Digest", REPR_DIGEST) : head(200, framing);
    UpstreamRule rule = rule(new RemoteDraft().verify(verify), ContentClass.IMMUTABLE, null);

    assertThat(word(rule.decide(head))).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void promisedDigests_countAsTheRemoteWants(Verify verify) {
    FetchHead head = head(200, Framing.LENGTH, "Repr-Digest", REPR_DIGEST);
    Store store =
        (Store) rule(new RemoteDraft().verify(verify), ContentClass.IMMUTABLE, null).decide(head);

    if (verify == Verify.OFF) {
      assertThat(store.expected()).isEmpty();
    } else {
      assertThat(store.expected()).containsExactly(DIGEST);
    }
    assertThat(store.enforced()).isEqualTo(verify == Verify.ENFORCE);
  }

  @Test
  void storedHead_keepsTheRepresentationsFields_andNoOthers() {
    Store store =
        (Store)
            verdict(
                ContentClass.IMMUTABLE,
                head(
                    200,
                    Framing.LENGTH,
                    "content-type",
                    "text/plain",
                    "Content-Encoding",
                    "gzip",
                    "Content-Disposition",
                    "attachment",
                    "Content-Language",
                    "de",
                    "ETag",
                    "W/\"1\"",
                    "Last-Modified",
                    "Sun, 06 Nov 1994 08:49:37 GMT",
                    "Set-Cookie",
                    "a=b"));

    assertThat(store.head())
        .isEqualTo(
            new ArtifactHead(
                "text/plain",
                "gzip",
                "attachment",
                "de",
                "W/\"1\"",
                "Sun, 06 Nov 1994 08:49:37 GMT",
                null));
  }

  @Test
  void freshness_isTheRemotes_byClass() {
    RemoteDraft draft = new RemoteDraft().mutableTtl(Duration.ofMinutes(5));
    FetchHead head = head(200, Framing.LENGTH);

    assertThat(rule(draft, ContentClass.IMMUTABLE, null).decide(head))
        .extracting("ttlMillis")
        .isEqualTo(StoredArtifact.NEVER);
    assertThat(rule(draft, ContentClass.MUTABLE, null).decide(head))
        .extracting("ttlMillis")
        .isEqualTo(300_000L);
    draft.immutableTtl(Duration.ofDays(1)).mutableTtl(Duration.ZERO);
    assertThat(rule(draft, ContentClass.IMMUTABLE, null).decide(head))
        .extracting("ttlMillis")
        .isEqualTo(86_400_000L);
    assertThat(rule(draft, ContentClass.MUTABLE, null).decide(head))
        .extracting("ttlMillis")
        .isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void absence_isRemembered_untilTheArtifactIsSeen(int status) {
    verdict(ContentClass.IMMUTABLE, head(status, Framing.LENGTH));
    assertThat(negative.statusOf(KEY)).isEqualTo(status);

    verdict(ContentClass.IMMUTABLE, head(200, Framing.LENGTH));
    assertThat(negative.statusOf(KEY)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 429, 500})
  void otherRefusals_areNotRemembered(int status) {
    verdict(ContentClass.IMMUTABLE, head(status, Framing.LENGTH));

    assertThat(negative.statusOf(KEY)).isZero();
  }

  private StoredArtifact stale() throws IOException {
    stored.put("a", new byte[] {1});
    stored.clock.advance(10_000);
    return stored.find("a").orElseThrow();
  }

  @Test
  void confirmedCopy_isValidatedNow_andFreshForAnotherTerm() throws IOException {
    StoredArtifact stale = stale();
    rule(new RemoteDraft(), ContentClass.MUTABLE, stale).decide(head(304, Framing.NONE));

    long now = ManualClock.START + 10_000;
    assertThat(stored.store().findHot(KEY)).isEqualTo(stale.refreshed(now, now + 3_600_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 599, 429})
  void outage_prolongsTheCopy_butConfirmsNothing(int status) throws IOException {
    StoredArtifact stale = stale();
    rule(new RemoteDraft(), ContentClass.MUTABLE, stale).decide(head(status, Framing.LENGTH));

    assertThat(stored.store().findHot(KEY))
        .isEqualTo(
            stale.refreshed(stale.validatedAtMillis(), ManualClock.START + 10_000 + 3_600_000));
  }

  @ParameterizedTest
  @CsvSource({"500, false", "401, true", "403, true", "404, true", "206, true"})
  void anythingElse_leavesTheCopyAsItIs(int status, boolean staleOnError) throws IOException {
    StoredArtifact stale = stale();
    RemoteDraft draft = staleOnError ? new RemoteDraft() : new RemoteDraft().withoutStaleOnError();
    rule(draft, ContentClass.MUTABLE, stale).decide(head(status, Framing.LENGTH));

    assertThat(stored.store().findHot(KEY)).isEqualTo(stale);
  }
}
