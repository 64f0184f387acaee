package dev.millrace.config;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A value as it was given, before its key has looked at it. */
sealed interface Given {

  /** Where it was given. */
  Place place();

  /**
   * One value.
   *
   * @param text as written
   * @param quoted whether it stood in quotes in a file
   * @param place where
   */
  record Single(String text, boolean quoted, Place place) implements Given {
    /** Never shows the text: it may be a password. */
    @Override
    public String toString() {
      return "value at " + place;
    }
  }

  /**
   * A list of values.
   *
   * @param items by index, in order; those that are no single value are left out
   * @param place where
   */
  record Several(SequencedMap<Integer, Single> items, Place place) implements Given {}

  /**
   * The values of one mapping: those of the process, or those of one remote.
   *
   * @param prefix what stands before the keys in messages
   * @param values by key name
   * @param place where it begins
   */
  record Group(String prefix, Map<String, Given> values, Place place) {}

  /**
   * All that a source says.
   *
   * @param process the values of the process
   * @param remotes the remotes in order
   */
  record Everything(Group process, List<Group> remotes) {}
}
