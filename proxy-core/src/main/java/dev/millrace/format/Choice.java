package dev.millrace.format;

import java.util.List;

/**
 * What a client's {@code Accept} does to a request.
 *
 * @param accept the lines that the upstream is asked with, none for whatever there is
 * @param variant which content is meant, as a part of the key; empty where the path has one
 */
public record Choice(List<String> accept, String variant) {
  /** The path has one content, whatever a client accepts. */
  public static final Choice NONE = new Choice(List.of(), "");
}
