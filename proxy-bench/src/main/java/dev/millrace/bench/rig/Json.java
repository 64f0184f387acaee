package dev.millrace.bench.rig;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How this tool reads and writes JSON. */
public final class Json {
  /** On one line. */
  public static final JsonMapper LINE = JsonMapper.builder().build();

  /** For people and for version control. */
  public static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}
}
