package plant;

import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The fault: a nullable component used as if it were there. */
@NullMarked
final class Plant {

  /**
   * A name that may be absent.
   *
   * @param text the name
   */
  record Name(@Nullable String text) {}

  int length(Name name) {
    return name.text().length();
  }
}
