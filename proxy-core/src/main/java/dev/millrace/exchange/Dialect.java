package dev.millrace.exchange;

import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * How the routes of one kind speak: the shape of their errors, and what stands in their heads
 * besides the fields that all have.
 *
 * <p>Threading: implementations are immutable.
 */
interface Dialect {
  /** The dialect of the route that a target names, also where it names nothing there. */
  static Dialect of(String target) {
    return RegistryDialect.isSpokenBy(target)
        ? RegistryDialect.of(target)
        : ProblemDialect.INSTANCE;
  }

  /** Media type of an error's body. */
  String errorType();

  /** The body of an error; {@code detail} holds no credential. */
  byte[] errorBody(int status, Refusal refusal, @Nullable String detail);

  /** Adds what stands in every head. */
  ResponseHead mark(ResponseHead head);

  /** Adds what is said of that representation. */
  void describe(ResponseHead head, Representation shown);
}
