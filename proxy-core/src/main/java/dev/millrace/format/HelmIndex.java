package dev.millrace.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.StreamDataWriter;
import org.snakeyaml.engine.v2.emitter.Emitter;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * {@code index.yaml} of a chart repository: copied event by event; the entry of one version, {@code
 * entries.NAME[n]}, is held until its digest and its {@code urls} are both known.
 *
 * <p>A relative link leads to this proxy anyway and stays as it is. A link to another host stays
 * too, unless the settings say otherwise: charts live wherever their authors put them.
 *
 * <p>Limits: {@code ENTRY_BYTES_MAX} of one version, {@code DEPTH_MAX} levels.
 */
final class HelmIndex implements IndexReader {
  private static final LoadSettings LOAD =
      LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).setUseMarks(false).build();

  private static final DumpSettings DUMP =
      DumpSettings.builder().setWidth(Integer.MAX_VALUE).setSplitLines(false).build();

  /** A version of a chart, or any one text. */
  private static final int ENTRY_BYTES_MAX = 1 << 20;

  private static final int DEPTH_MAX = 100;

  /**
   * Depth of the mapping of one version: below the root, {@code entries}, and the list of a name.
   */
  private static final int VERSION_DEPTH = 4;

  @Override
  public void copy(InputStream index, OutputStream copy, Links links) throws IOException {
    Writer out = new BufferedWriter(new OutputStreamWriter(copy, UTF_8));
    Metered metered = new Metered(index);
    metered.allow(ENTRY_BYTES_MAX);
    try {
      ParserImpl events =
          new ParserImpl(LOAD, new StreamReader(LOAD, new InputStreamReader(metered, UTF_8)));
      new Copying(new Emitter(DUMP, new Out(out)), links, metered).run(events);
      out.flush();
    } catch (YamlEngineException e) {
      throw new MalformedIndexException(e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The emitter's way out. */
  private record Out(Writer writer) implements StreamDataWriter {
    @Override
    public void write(String text) {
      write(text, 0, text.length());
    }

    @Override
    public void write(String text, int offset, int length) {
      try {
        writer.write(text, offset, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** One run over the events. */
  private static final class Copying {
    private final Emitter emitter;
    private final Links links;
    private final Metered metered;
    private final List<Event> version = new ArrayList<>();
    private int depth;
    private boolean inEntries;
    private boolean any;
    private @Nullable String rootKey;

    Copying(Emitter emitter, Links links, Metered metered) {
      this.emitter = emitter;
      this.links = links;
      this.metered = metered;
    }

    void run(ParserImpl events) throws MalformedIndexException {
      while (events.hasNext()) {
        take(events.next());
        if (depth > DEPTH_MAX) {
          throw new MalformedIndexException("it is nested too deep");
        }
        if (version.isEmpty()) {
          metered.allow(ENTRY_BYTES_MAX);
        }
      }
      if (!any) {
        throw new MalformedIndexException("it has no entries");
      }
    }

    private void take(Event event) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> {
          if (depth == 1) {
            inEntries = "entries".equals(rootKey);
            any |= inEntries;
            rootKey = null;
          }
          depth++;
          pass(event);
        }
        case MappingEnd, SequenceEnd -> {
          pass(event);
          depth--;
          if (inEntries && depth == VERSION_DEPTH - 1 && !version.isEmpty()) {
            lead();
            version.forEach(emitter::emit);
            version.clear();
          }
        }
        case Scalar -> {
          if (depth == 1) {
            // Keys and values take turns; a value that is no scalar has reset it.
            rootKey = rootKey == null ? ((ScalarEvent) event).getValue() : null;
          }
          pass(event);
        }
        case Alias -> {
          if (depth == 1) {
            rootKey = null;
          }
          pass(event);
        }
        default -> pass(event);
      }
    }

    private void pass(Event event) {
      if (inEntries && depth >= VERSION_DEPTH) {
        version.add(event);
      } else {
        emitter.emit(event);
      }
    }

    private void lead() {
      List<Digest> promised = new ArrayList<>();
      int urls = -1;
      int level = 0;
      boolean key = true;
      for (int i = 0; i < version.size(); i++) {
        Event event = version.get(i);
        boolean opens = isOne(event, Event.ID.MappingStart, Event.ID.SequenceStart);
        boolean closes = isOne(event, Event.ID.MappingEnd, Event.ID.SequenceEnd);
        if (level == 1 && key && event instanceof ScalarEvent name) {
          boolean list = version.get(i + 1).getEventId() == Event.ID.SequenceStart;
          if (name.getValue().equals("urls") && list) {
            urls = i + 1;
          } else if (name.getValue().equals("digest")
              && version.get(i + 1) instanceof ScalarEvent digest) {
            DigestText.add(promised, digest(digest.getValue()));
          }
        }
        if (level == 1 && !closes && !opens) {
          key = !key;
        }
        level += opens ? 1 : closes ? -1 : 0;
        if (closes && level == 1) {
          key = true;
        }
      }
      if (urls >= 0) {
        leadFrom(urls, promised);
      }
    }

    private void leadFrom(int urls, List<Digest> promised) {
      for (int i = urls + 1; i < version.size(); i++) {
        if (!(version.get(i) instanceof ScalarEvent url)) {
          return;
        }
        String led = links.lead(url.getValue(), promised);
        if (url.getValue().contains("://")) {
          version.set(
              i,
              new ScalarEvent(
                  url.getAnchor(), url.getTag(), url.getImplicit(), led, url.getScalarStyle()));
        }
      }
    }

    /** Bare, or with the algorithm before a colon. */
    private static @Nullable Digest digest(String text) {
      int colon = text.indexOf(':');
      return DigestText.hex(DigestAlgorithm.SHA_256, text.substring(colon + 1));
    }

    private static boolean isOne(Event event, Event.ID first, Event.ID second) {
      return event.getEventId() == first || event.getEventId() == second;
    }
  }
}
