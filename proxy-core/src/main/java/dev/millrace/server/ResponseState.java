package dev.millrace.server;

import dev.millrace.serve.ResponseHead;
import java.util.ArrayList;
import java.util.List;

/**
 * How far one response is, whatever carries it: what of its declared body is still owed, and who
 * hears when its client is gone.
 *
 * <pre>
 * NEW ──begin──► BODY ──end──► OVER
 *  └────────────────┴───gone───┘
 * </pre>
 *
 * <p>Units: bytes of the body.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class ResponseState {
  private static final long UNDECLARED = -1;

  private enum Stage {
    /** No head yet. */
    NEW,
    /** The head is known, the body may follow. */
    BODY,
    /** Ended or aborted. */
    OVER
  }

  private final List<Runnable> goneListeners = new ArrayList<>(2);
  private Stage stage = Stage.NEW;
  private boolean bodyless;

  /** What the head declared and was not handed over yet. */
  private long owedBytes = UNDECLARED;

  /** The head of the answer to a request of that method. */
  void begin(String method, ResponseHead head) {
    assert stage == Stage.NEW : stage;
    stage = Stage.BODY;
    bodyless = method.equals("HEAD") || head.status() == 304 || head.status() == 204;
    owedBytes =
        switch (head.length()) {
          case ResponseHead.Length.None() -> 0;
          case ResponseHead.Length.Known(long bytes) -> bytes;
          case ResponseHead.Length.Unknown(), ResponseHead.Length.Uncertain() -> UNDECLARED;
        };
  }

  /** Whether no body follows, whatever the head declares. */
  boolean isBodyless() {
    return bodyless;
  }

  /** Whether the head is known and the end has not come. */
  boolean isOpen() {
    return stage == Stage.BODY;
  }

  /** Whether pieces of a body may be handed over. */
  boolean takesBody() {
    return isOpen() && !bodyless;
  }

  /** Whether so much more is no more than the head declared. */
  boolean owes(long bytes) {
    return owedBytes == UNDECLARED || bytes <= owedBytes;
  }

  /** So much was handed over. */
  void handedOver(long bytes) {
    if (owedBytes != UNDECLARED) {
      owedBytes -= bytes;
    }
  }

  /** Whether an end now would leave the client with less than was declared. */
  boolean isShort() {
    return owedBytes > 0 && !bodyless;
  }

  /** Ended, or aborted by who knows about it: nobody hears of it any more. */
  void end() {
    stage = Stage.OVER;
    goneListeners.clear();
  }

  boolean isOver() {
    return stage == Stage.OVER;
  }

  /** Calls {@code gone} once if the client leaves before the end. */
  void whenGone(Runnable gone) {
    goneListeners.add(gone);
  }

  /** The client is gone, if the end has not come: tells who asked. */
  void gone() {
    if (stage != Stage.OVER) {
      stage = Stage.OVER;
      List.copyOf(goneListeners).forEach(Runnable::run);
      goneListeners.clear();
    }
  }
}
