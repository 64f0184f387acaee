package dev.millrace.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Takes a YAML file apart into the values of known keys, each with its line.
 *
 * <p>It works on YAML's node tree, since only that knows lines, and goes no deeper than the schema,
 * so that an alias that holds itself does no harm.
 *
 * <p>Limits: {@link Limits#CONFIG_FILE_BYTES}, {@link Limits#REMOTES_MAX}.
 */
final class YamlSource {
  private static final Set<Tag> PLAIN_TAGS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL);

  private final Path file;
  private final Problems problems;

  YamlSource(Path file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** What the file says; every problem of its form is noted. */
  Given.Everything read() {
    Given.Group process = new Given.Group("", new LinkedHashMap<>(), placeOf(1));
    List<Given.Group> remotes = new ArrayList<>();
    Given.Everything everything = new Given.Everything(process, remotes);
    String text = text();
    Node root = text == null ? null : compose(text);
    if (root == null) {
      return everything;
    }
    if (!(root instanceof MappingNode mapping)) {
      problems.add(place(root), "must hold keys and values");
      return everything;
    }
    readGroup(mapping, SettingsSchema.PROCESS, process, "", remotes);
    return everything;
  }

  private @Nullable String text() {
    Place whole = Place.of(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Limits.CONFIG_FILE_BYTES + 1);
      if (bytes.length > Limits.CONFIG_FILE_BYTES) {
        problems.add(whole, "is larger than " + Quantity.formatBytes(Limits.CONFIG_FILE_BYTES));
        return null;
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      problems.add(whole, "there is no such file");
    } catch (CharacterCodingException e) {
      problems.add(whole, "is not UTF-8 text");
    } catch (IOException e) {
      problems.add(whole, "cannot be read: " + e.getMessage());
    }
    return null;
  }

  private @Nullable Node compose(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setCodePointLimit(Limits.CONFIG_FILE_BYTES)
            .setUseMarks(true)
            .setAllowNonScalarKeys(true)
            .build();
    try {
      StreamReader reader = new StreamReader(settings, text);
      return new Composer(settings, new ParserImpl(settings, reader)).getSingleNode().orElse(null);
    } catch (MarkedYamlEngineException e) {
      // Neither the snippet nor the name of an alias is shown: either can be part of a password.
      String problem = e.getProblem() == null ? "wrong form" : e.getProblem();
      String shown =
          problem.startsWith("found undefined alias")
              ? "a value that begins with * must stand in quotes"
              : problem;
      problems.add(placeOf(line(e.getProblemMark())), "is not YAML: " + shown);
    } catch (YamlEngineException e) {
      problems.add(Place.of(file.toString()), "is not YAML: " + e.getMessage());
    }
    return null;
  }

  private void readGroup(
      MappingNode mapping,
      List<Key<?>> keys,
      Given.Group group,
      String section,
      List<Given.Group> remotes) {
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping.getValue()) {
      Node value = entry.getValueNode();
      Place place = place(entry.getKeyNode());
      if (!(entry.getKeyNode() instanceof ScalarNode keyNode)) {
        problems.add(place, "a key must be a word");
        continue;
      }
      String name = section + keyNode.getValue();
      String shown = group.prefix() + name;
      Optional<Key<?>> key =
          keyNode.getValue().contains(".") ? Optional.empty() : SettingsSchema.find(keys, name);
      if (!seen.add(keyNode.getValue())) {
        problems.add(place, shown, "is given twice");
      } else if (key.isPresent()) {
        Given given = given(key.get(), shown, value, place);
        if (given != null) {
          group.values().put(name, given);
        }
      } else if (keys.equals(SettingsSchema.PROCESS) && name.equals(SettingsSchema.REMOTES)) {
        readRemotes(value, place, remotes);
      } else if (section.isEmpty() && SettingsSchema.isSection(keys, name)) {
        readSection(value, keys, group, name);
      } else {
        unknown(keys, section, keyNode.getValue(), group.prefix(), place);
      }
    }
  }

  private void readSection(Node value, List<Key<?>> keys, Given.Group group, String name) {
    if (value instanceof MappingNode mapping) {
      readGroup(mapping, keys, group, name + ".", List.of());
    } else {
      problems.add(place(value), group.prefix() + name, "must hold keys and values");
    }
  }

  private void readRemotes(Node value, Place place, List<Given.Group> remotes) {
    if (!(value instanceof SequenceNode sequence)) {
      problems.add(
          place, SettingsSchema.REMOTES, "must be a list, each item beginning with \"- \"");
      return;
    }
    if (sequence.getValue().size() > Limits.REMOTES_MAX) {
      problems.add(place, SettingsSchema.REMOTES, "are more than " + Limits.REMOTES_MAX);
      return;
    }
    for (Node item : sequence.getValue()) {
      String name = SettingsSchema.REMOTES + "[" + remotes.size() + "]";
      Given.Group group = new Given.Group(name + ".", new LinkedHashMap<>(), place(item));
      remotes.add(group);
      if (item instanceof MappingNode mapping) {
        readGroup(mapping, SettingsSchema.REMOTE, group, "", List.of());
      } else {
        problems.add(place(item), name, "must hold keys and values");
      }
    }
  }

  private void unknown(List<Key<?>> keys, String section, String name, String prefix, Place place) {
    String hint =
        Spelling.nearest(name, SettingsSchema.namesBelow(keys, section))
            .map(near -> "; did you mean \"" + near + "\"?")
            .orElse("");
    problems.add(place, prefix + section + name, "unknown key" + hint);
  }

  private @Nullable Given given(Key<?> key, String shown, Node value, Place place) {
    return switch (key.kind()) {
      case Kind.Scalar<?> scalar -> single(shown, value, place);
      case Kind.ListOf<?> list -> several(list, shown, value, place);
    };
  }

  private Given.@Nullable Single single(String shown, Node value, Place place) {
    if (!(value instanceof ScalarNode scalar)) {
      problems.add(place, shown, "must be one value, not a list or a mapping");
      return null;
    }
    if (scalar.getTag().equals(Tag.NULL)) {
      problems.add(place, shown, "has no value");
      return null;
    }
    if (!PLAIN_TAGS.contains(scalar.getTag())) {
      problems.add(place, shown, "must not have a tag");
      return null;
    }
    return new Given.Single(scalar.getValue(), !scalar.isPlain(), place(scalar));
  }

  private @Nullable Given several(Kind.ListOf<?> list, String shown, Node value, Place place) {
    if (!(value instanceof SequenceNode sequence)) {
      problems.add(place, shown, "must be a list, such as [\"a\", \"b\"]");
      return null;
    }
    if (sequence.getValue().size() > list.itemsMax()) {
      problems.add(place, shown, "has more than " + list.itemsMax() + " items");
      return null;
    }
    SequencedMap<Integer, Given.Single> items = new LinkedHashMap<>();
    for (int i = 0; i < sequence.getValue().size(); i++) {
      Node item = sequence.getValue().get(i);
      Given.Single single = single(shown + "[" + i + "]", item, place(item));
      if (single != null) {
        items.put(i, single);
      }
    }
    return new Given.Several(items, place);
  }

  private Place place(Node node) {
    return placeOf(line(node.getStartMark()));
  }

  private Place placeOf(int line) {
    return new Place(file.toString(), line);
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(found -> found.getLine() + 1).orElse(1);
  }
}
