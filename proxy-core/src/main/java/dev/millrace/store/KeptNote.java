package dev.millrace.store;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Of what a staged file is the beginning, so that the rest can be asked for later. It holds what
 * the catalog would: path and query, and no field that a credential could be in.
 *
 * @param key the artifact
 * @param lengthBytes length of the whole body
 * @param fields the fields of its head that name it, by their names
 * @param promised digests that it must have
 */
public record KeptNote(
    ArtifactKey key, long lengthBytes, Map<String, String> fields, List<Digest> promised) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Copies map and list. */
  public KeptNote {
    fields = Map.copyOf(fields);
    promised = List.copyOf(promised);
  }

  /** The note as JSON. */
  String text() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("remote", key.remote());
      json.writeStringProperty("path", key.path());
      json.writeStringProperty("variant", key.variant());
      json.writeNumberProperty("length", lengthBytes);
      json.writeObjectPropertyStart("fields");
      fields.forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeObjectPropertyStart("promised");
      promised.forEach(digest -> json.writeStringProperty(digest.algorithm().name(), digest.hex()));
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toString();
  }

  /** Reads a note; null when it is none, or of another release. */
  static @Nullable KeptNote parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> fields = new LinkedHashMap<>();
    List<Digest> promised = new ArrayList<>();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      String section = "";
      String name = "";
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        switch (token) {
          case PROPERTY_NAME -> name = json.getString();
          case START_OBJECT -> section = name;
          case END_OBJECT -> section = "";
          case VALUE_STRING, VALUE_NUMBER_INT -> {
            String value = json.getString();
            switch (section) {
              case "fields" -> fields.put(name, value);
              case "promised" -> promised.add(new Digest(DigestAlgorithm.valueOf(name), value));
              default -> values.put(name, value);
            }
          }
          default -> {
            return null;
          }
        }
      }
      String remote = values.get("remote");
      String path = values.get("path");
      String length = values.get("length");
      if (remote == null || path == null || length == null) {
        return null;
      }
      ArtifactKey key = new ArtifactKey(remote, path, values.getOrDefault("variant", ""));
      return new KeptNote(key, Long.parseLong(length), fields, promised);
    } catch (JacksonException | IllegalArgumentException e) {
      // A power cut may have left anything here.
      return null;
    }
  }
}
