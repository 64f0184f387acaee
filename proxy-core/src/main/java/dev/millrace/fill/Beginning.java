package dev.millrace.fill;

import dev.millrace.artifact.Digest;
import dev.millrace.store.BlobStore;
import dev.millrace.store.KeptBody;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier fetch, or an earlier process, has left of a body, and the rule by which this fill
 * goes on with it.
 *
 * <p>Threading: confined to who has it.
 *
 * <p>Ownership: ended by {@link #body} passing to the writer, {@link #leave} or {@link #giveBack}.
 */
final class Beginning {
  private final Fill fill;
  private final KeptBody kept;
  private final ResumeRule rule;

  private Beginning(Fill fill, KeptBody kept) {
    this.fill = fill;
    this.kept = kept;
    this.rule = ResumeRule.of(fill.order().request(), kept.note());
  }

  /** What there is of the body of that fill; null for nothing that could be gone on with. */
  static @Nullable Beginning take(Fill fill) {
    if (fill.order().request().isConditional()) {
      return null;
    }
    KeptBody kept = fill.services().store().takeKept(fill.order().key());
    return kept == null ? null : new Beginning(fill, kept);
  }

  /** What is asked for. */
  FetchRequest request() {
    return rule.request(kept.bytes());
  }

  /** What was left. */
  KeptBody body() {
    return kept;
  }

  /** The head of the whole body, if that answer brings the rest of it; else null. */
  @Nullable FetchHead wholeOf(FetchHead answer) {
    if (answer.status() != 206
        || !(rule.judge(answer, kept.bytes(), fill.services().clock().millis())
            instanceof ResumeRule.Continues continues)) {
      return null;
    }
    HttpHeaders fields = answer.headers().copy();
    fields.remove(HttpHeaderNames.CONTENT_RANGE);
    // A part need not repeat what the first answer said (RFC 9110 §15.3.7).
    kept.note()
        .fields()
        .forEach((name, value) -> {
          if (!fields.contains(name)) {
            fields.set(name, value);
          }
        });
    return new FetchHead(200, fields, continues.wholeBytes(), answer.framing());
  }

  /** Whether the rest is promised to be of a body with another digest. */
  boolean isContradicted(HeadRule.Store verdict) {
    return verdict.expected().stream()
        .anyMatch(now ->
            kept.note().promised().stream()
                .anyMatch(before -> before.algorithm() == now.algorithm() && !before.equals(now)));
  }

  /**
   * That verdict, with the digests that the beginning was promised to have. Where there are any
   * they must be met, whatever the remote says now: nothing else vouches for the two parts.
   */
  HeadRule.Store withPromises(HeadRule.Store verdict) {
    boolean enforced = verdict.enforced() || !kept.note().promised().isEmpty();
    List<Digest> expected = new ArrayList<>(verdict.expected());
    for (Digest promised : kept.note().promised()) {
      if (!expected.contains(promised)) {
        expected.add(promised);
      }
    }
    return new HeadRule.Store(
        verdict.head(), expected, enforced, verdict.ttlMillis(), verdict.lasting());
  }

  /** An answer did not bring the rest: it may come another time, or there is none. */
  void leave(FetchHead answer) {
    boolean later =
        rule.judge(answer, kept.bytes(), fill.services().clock().millis())
            instanceof ResumeRule.Later;
    if (later || answer.status() == 401 || answer.status() == 403) {
      giveBack();
    } else {
      store().drop(kept);
    }
  }

  /** It may be of use another time. */
  void giveBack() {
    store().giveBack(kept);
  }

  private BlobStore store() {
    return fill.services().store();
  }
}
