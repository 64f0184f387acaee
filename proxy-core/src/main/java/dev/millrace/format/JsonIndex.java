package dev.millrace.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An index in JSON: copied token by token, but for the objects that hold links, which are read
 * whole and edited.
 *
 * <p>Limits: one such object, which is bounded, and one text of {@code TEXT_CHARS_MAX}, in memory.
 */
final class JsonIndex implements IndexReader {
  /** Longer than any description that a registry takes. */
  private static final int TEXT_CHARS_MAX = 4 << 20;

  /** In a path: an element of an array. */
  static final String ELEMENT = "[]";

  private static final JsonMapper JSON = mapper(Long.MAX_VALUE);

  /** An entry of a list: a hundred times what registries have. */
  private static final int ENTRY_BYTES_MAX = 256 << 10;

  /** A document that is read whole. */
  private static final int DOCUMENT_BYTES_MAX = 8 << 20;

  private static final int DOCUMENT_TOKENS_MAX = 200_000;

  private final Entries entries;
  private final int entryBytesMax;
  private final JsonMapper json;

  /** Which objects hold links, and what is done with one. */
  interface Entries {
    /**
     * Whether the object at that path is to be edited.
     *
     * @param path names and {@link #ELEMENT}s from the root; must not be kept
     */
    boolean isEntry(List<String> path);

    /** Leads its links. */
    void edit(ObjectNode entry, Links links);
  }

  private JsonIndex(Entries entries, int entryBytesMax, JsonMapper json) {
    this.entries = entries;
    this.entryBytesMax = entryBytesMax;
    this.json = json;
  }

  private static JsonMapper mapper(long tokensMax) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(
                    StreamReadConstraints.builder()
                        .maxStringLength(TEXT_CHARS_MAX)
                        .maxTokenCount(tokensMax)
                        .build())
                .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
                .build())
        // One entry is read out of the middle.
        .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /** Of any length, with small entries. */
  static JsonIndex ofEntries(Entries entries) {
    return new JsonIndex(entries, ENTRY_BYTES_MAX, JSON);
  }

  /** One that is read whole. */
  static JsonIndex ofDocument(Entries entries) {
    return new JsonIndex(entries, DOCUMENT_BYTES_MAX, mapper(DOCUMENT_TOKENS_MAX));
  }

  @Override
  public void copy(InputStream index, OutputStream copy, Links links) throws IOException {
    Metered metered = new Metered(index);
    try (JsonParser from = json.createParser(metered);
        JsonGenerator to = json.createGenerator(copy)) {
      List<String> path = new ArrayList<>();
      String name = "";
      boolean any = false;
      for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
        any = true;
        if (token == JsonToken.PROPERTY_NAME) {
          name = from.currentName();
        }
        boolean opens = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
        if (opens) {
          path.add(isElement(from) ? ELEMENT : name);
        }
        if (token == JsonToken.START_OBJECT && entries.isEntry(path.subList(1, path.size()))) {
          metered.allow(entryBytesMax);
          JsonNode entry = json.readTree(from);
          metered.allowAll();
          if (entry instanceof ObjectNode object) {
            entries.edit(object, links);
          }
          json.writeTree(to, entry);
          path.removeLast();
          continue;
        }
        if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
          path.removeLast();
        }
        to.copyCurrentEventExact(from);
      }
      if (!any) {
        throw new MalformedIndexException("it is empty");
      }
    } catch (JacksonException e) {
      throw new MalformedIndexException(e);
    }
  }

  /** Whether what was just opened is an element of an array. */
  private static boolean isElement(JsonParser from) {
    var around = from.streamReadContext().getParent();
    return around != null && around.inArray();
  }

  /** The object of one line. */
  static ObjectNode object(String line) throws MalformedIndexException {
    try {
      if (JSON.readTree(line) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new MalformedIndexException(e);
    }
    throw new MalformedIndexException("a line is no object");
  }

  /** The text of that field, or null when it has none. */
  static @Nullable String text(ObjectNode entry, String field) {
    JsonNode value = entry.get(field);
    return value != null && value.isString() ? value.stringValue() : null;
  }
}
