package dev.millrace.bench.rig;

import java.util.List;

/** The CPUs that a process may run on. */
public enum Cpus {
  /** All of them. */
  ALL(""),
  /** The first one: where a pinned proxy runs. */
  FIRST("0"),
  /** The second one: where load and origin run beside a pinned proxy. */
  SECOND("1");

  /** As {@code taskset -c} reads it; empty means all. */
  private final String list;

  Cpus(String list) {
    this.list = list;
  }

  /** Whether there is only one of them. */
  public boolean isOne() {
    return this != ALL;
  }

  /** What goes in front of a command. */
  List<String> prefix() {
    return list.isEmpty() ? List.of() : List.of("taskset", "-c", list);
  }
}
