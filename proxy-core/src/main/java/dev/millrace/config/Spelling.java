package dev.millrace.config;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what a mistyped word may have meant. */
final class Spelling {
  private Spelling() {}

  /** The candidate with the fewest edits, when they are few for a word of that length. */
  static Optional<String> nearest(String word, Stream<String> candidates) {
    int editsMax = Math.max(1, word.length() / 3);
    return candidates
        .filter(candidate -> edits(word, candidate) <= editsMax)
        .min(Comparator.comparingInt(candidate -> edits(word, candidate)));
  }

  /** Insertions, removals and replacements between two words (Levenshtein). */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
