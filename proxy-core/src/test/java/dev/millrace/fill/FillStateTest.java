package dev.millrace.fill;

import static dev.millrace.fill.FillState.ANSWERED;
import static dev.millrace.fill.FillState.DIVERTED;
import static dev.millrace.fill.FillState.FAILED;
import static dev.millrace.fill.FillState.OPENING;
import static dev.millrace.fill.FillState.RELAYED;
import static dev.millrace.fill.FillState.STORED;
import static dev.millrace.fill.FillState.STREAMING;
import static dev.millrace.fill.FillState.UNSTORED;
import static dev.millrace.fill.FillState.WHOLE;
import static dev.millrace.fill.FillState.WITHDRAWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of a fill is the one that is drawn at {@link FillState}. */
final class FillStateTest {
  private static final Map<FillState, Set<FillState>> DRAWN =
      Map.of(
          OPENING, EnumSet.of(STREAMING, WHOLE, ANSWERED, RELAYED, WITHDRAWN, FAILED),
          STREAMING, EnumSet.of(WHOLE, FAILED, DIVERTED),
          WHOLE, EnumSet.of(STORED, UNSTORED));

  @ParameterizedTest
  @EnumSource
  void everyPair_followsTheDrawing(FillState before) {
    Set<FillState> drawn = DRAWN.getOrDefault(before, Set.of());
    for (FillState next : FillState.values()) {
      assertThat(next.follows(before))
          .as("%s after %s", next, before)
          .isEqualTo(drawn.contains(next));
    }
  }

  @Test
  void onlyOpening_isNotOpened() {
    assertThat(EnumSet.allOf(FillState.class))
        .filteredOn(state -> !state.isOpened())
        .containsExactly(OPENING);
  }

  @Test
  void failure_isNeverWhole() {
    assertThat(EnumSet.allOf(FillState.class))
        .filteredOn(FillState::isWhole)
        .containsExactly(WHOLE, STORED, UNSTORED);
  }
}
