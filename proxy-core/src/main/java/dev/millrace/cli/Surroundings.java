package dev.millrace.cli;

import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command sees of the process around it.
 *
 * @param environment variables
 * @param out standard output, flushed by line
 * @param err standard error, flushed by line
 * @param directMemoryBytes what the JVM allows for buffers outside the heap
 * @param version of Millrace
 */
public record Surroundings(
    Map<String, String> environment,
    PrintWriter out,
    PrintWriter err,
    long directMemoryBytes,
    String version) {

  /** Copies the map. */
  public Surroundings {
    environment = Map.copyOf(environment);
  }
}
