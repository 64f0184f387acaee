package dev.millrace.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The typed values of one group; what a key cannot take is noted, and its default goes in its place
 * so that the reading goes on.
 */
final class Values {
  private final Given.Group group;
  private final Problems problems;

  Values(Given.Group group, Problems problems) {
    this.group = group;
    this.problems = problems;
  }

  /** The value of a key that has a default. */
  <T> T get(Key<T> key) {
    T given = find(key);
    return given == null ? defaultOf(key) : given;
  }

  /** The value of a key that must be given; null when it is missing or wrong, which is noted. */
  <T> @Nullable T require(Key<T> key) {
    if (!group.values().containsKey(key.name())) {
      problems.add(group.place(), group.prefix() + key.name(), "is required");
      return null;
    }
    return find(key);
  }

  /** The value of a key when it is given and right. */
  <T> @Nullable T find(Key<T> key) {
    Given given = group.values().get(key.name());
    return given == null ? null : read(key, given);
  }

  /** Notes a problem of a key that only shows beside other values. */
  void refuse(Key<?> key, String what) {
    Given given = group.values().get(key.name());
    problems.add(given == null ? group.place() : given.place(), group.prefix() + key.name(), what);
  }

  @SuppressWarnings("unchecked") // The kind of a list makes the list that its key promises.
  private <T> @Nullable T read(Key<T> key, Given given) {
    String shown = group.prefix() + key.name();
    return switch (key.kind()) {
      case Kind.Scalar<T> scalar -> parse(scalar, (Given.Single) given, shown);
      case Kind.ListOf<?> list -> (T) readList(list, (Given.Several) given, shown);
    };
  }

  private <E> List<E> readList(Kind.ListOf<E> list, Given.Several given, String shown) {
    List<E> items = new ArrayList<>();
    for (Map.Entry<Integer, Given.Single> entry : given.items().entrySet()) {
      E item = parse(list.element(), entry.getValue(), shown + "[" + entry.getKey() + "]");
      if (item != null) {
        items.add(item);
      }
    }
    return List.copyOf(items);
  }

  private <T> @Nullable T parse(Kind.Scalar<T> scalar, Given.Single given, String shown) {
    if (given.quoted() && scalar.plain()) {
      problems.add(given.place(), shown, "must not stand in quotes: it is no text");
      return null;
    }
    try {
      return scalar.parse(given.text());
    } catch (BadValueException e) {
      problems.add(given.place(), shown, e.what());
      return null;
    }
  }

  /** The default of a key that has one. */
  @SuppressWarnings("unchecked") // As in read.
  static <T> T defaultOf(Key<T> key) {
    String text = key.defaultText();
    if (text == null) {
      throw new IllegalStateException(key.name() + " has no default");
    }
    try {
      return switch (key.kind()) {
        case Kind.Scalar<T> scalar -> scalar.parse(text);
        case Kind.ListOf<?> list -> (T) List.of();
      };
    } catch (BadValueException e) {
      throw new IllegalStateException(key.name() + " has a wrong default", e);
    }
  }
}
