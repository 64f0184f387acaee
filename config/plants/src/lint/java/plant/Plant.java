package plant;

import java.util.List;

/** The fault: a raw type. */
final class Plant {
  int size(List names) {
    return names.size();
  }
}
