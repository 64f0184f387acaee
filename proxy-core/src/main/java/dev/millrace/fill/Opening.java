package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The first request of a {@link Fill} and its head: for the whole, for the rest where an earlier
 * fetch left the beginning, or for a part where its leader wants no more. Where the upstream does
 * not answer as it was asked to, the whole is asked for.
 *
 * <p>Threading: confined to the fetch's loop, but {@link #start}.
 */
final class Opening implements FetchSink {
  private final Fill fill;
  private final FillIntake intake;
  private FetchSink next;
  private @Nullable Beginning beginning;
  private FetchRequest.@Nullable Part part;

  Opening(Fill fill, FillIntake intake) {
    this.fill = fill;
    this.intake = intake;
    this.next = intake;
  }

  /** Asks. */
  void start() {
    FetchRequest whole = fill.order().request();
    Beginning left = Beginning.take(fill);
    if (left != null) {
      beginning = left;
      try {
        fetch(left.request(), this);
      } catch (RuntimeException | AssertionError e) {
        left.giveBack();
        throw e;
      }
      return;
    }
    part = fill.segments().opening();
    if (part == null) {
      fetch(whole, intake);
    } else {
      fetch(whole.only(part), this);
    }
  }

  private void fetch(FetchRequest request, FetchSink sink) {
    fill.services().fetcher().fetch(request, sink);
  }

  @Override
  public void onHead(FetchHead head, FetchFlow source) {
    Beginning left = beginning;
    beginning = null;
    if (intake.isAbandoned()) {
      if (left != null) {
        left.giveBack();
      }
      intake.onHead(head, source);
      return;
    }
    FetchSink went =
        left == null ? goOnWithPart(head, source) : goOnWithBeginning(left, head, source);
    if (went != null) {
      next = went;
    } else if (isNoAnswer(head.status())) {
      source.cancel();
      fetch(fill.order().request(), intake);
    } else {
      intake.onHead(head, source);
    }
  }

  /** Whether it says something of the question only: the whole was not asked for yet. */
  private static boolean isNoAnswer(int status) {
    return switch (status) {
      case 206, 400, 405, 416, 501 -> true;
      default -> false;
    };
  }

  private @Nullable FetchSink goOnWithPart(FetchHead head, FetchFlow source) {
    FetchRequest.Part asked = part;
    assert asked != null;
    FetchHead whole = ResumeRule.wholeOf(head, asked);
    return whole != null && decide(whole) instanceof HeadRule.Store store
        ? intake.beginByPart(store, whole, asked, source)
        : null;
  }

  private @Nullable FetchSink goOnWithBeginning(Beginning left, FetchHead head, FetchFlow source) {
    FetchHead whole = left.wholeOf(head);
    if (whole != null
        && decide(whole) instanceof HeadRule.Store store
        && !left.isContradicted(store)) {
      intake.beginByRest(left.withPromises(store), whole, left.body(), source);
      return intake;
    }
    left.leave(head);
    return null;
  }

  private HeadRule.Verdict decide(FetchHead whole) {
    return fill.order().rule().decide(whole);
  }

  @Override
  public void onBody(ByteBuf piece) {
    next.onBody(piece);
  }

  @Override
  public void onReadComplete() {
    next.onReadComplete();
  }

  @Override
  public void onEnd(BodyEnd end) {
    next.onEnd(end);
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    Beginning left = beginning;
    if (left != null) {
      beginning = null;
      left.giveBack();
    }
    next.onFailure(reason, detail);
  }
}
