package dev.millrace.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.artifact.Digest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.parser.Parser;
import org.jsoup.parser.StreamParser;

/**
 * A list of the simple repository API in HTML (PEP 503): what the format knows of it is written
 * anew, links and what stands around them; the rest of the page is left out.
 *
 * <p>Limits: {@code ELEMENT_BYTES_MAX} from the end of one element to the next, and {@code
 * DEPTH_MAX} elements in each other.
 */
final class SimpleHtmlIndex implements IndexReader {
  private static final int ELEMENT_BYTES_MAX = 1 << 20;
  private static final int DEPTH_MAX = 64;

  /** What PEP 503 and PEP 629 know outside the links. */
  private static final List<String> KEPT_WHOLE = List.of("meta", "title", "h1");

  /** The file's metadata by itself, PEP 714 before PEP 658. */
  private static final List<String> METADATA =
      List.of("data-core-metadata", "data-dist-info-metadata");

  @Override
  public void copy(InputStream index, OutputStream copy, Links links) throws IOException {
    Writer out = new BufferedWriter(new OutputStreamWriter(copy, UTF_8));
    out.write("<!DOCTYPE html>\n<html>\n");
    boolean any = false;
    Metered metered = new Metered(index);
    metered.allow(ELEMENT_BYTES_MAX);
    try (StreamParser parser = new StreamParser(Parser.htmlParser().setMaxDepth(DEPTH_MAX))) {
      parser.parse(new InputStreamReader(metered, UTF_8), "");
      for (Iterator<Element> elements = parser.iterator(); elements.hasNext(); ) {
        any |= take(elements.next(), out, links);
        metered.allow(ELEMENT_BYTES_MAX);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (!any) {
      throw new MalformedIndexException("it holds nothing of such a list");
    }
    out.write("</html>\n");
    out.flush();
  }

  private static boolean take(Element element, Writer out, Links links) throws IOException {
    String name = element.normalName();
    if (name.equals("base")) {
      throw new MalformedIndexException("it says what its links are relative to");
    }
    boolean link = name.equals("a") && element.hasAttr("href");
    if (link) {
      lead(element, links);
    }
    boolean kept = link || KEPT_WHOLE.contains(name);
    if (kept) {
      out.write(element.outerHtml());
      out.write(link ? "<br>\n" : "\n");
    }
    forgetBefore(element);
    return kept;
  }

  /** Of a long list only what is being read stays in memory. */
  private static void forgetBefore(Element element) {
    for (Node before = element.previousSibling();
        before != null;
        before = element.previousSibling()) {
      before.remove();
    }
  }

  private static void lead(Element link, Links links) {
    String href = link.attr("href").strip();
    List<Digest> promised = new ArrayList<>();
    DigestText.add(promised, DigestText.assignment(href.substring(href.indexOf('#') + 1)));
    for (String attribute : METADATA) {
      if (link.hasAttr(attribute) && href.indexOf('?') < 0) {
        Digest digest = DigestText.assignment(link.attr(attribute));
        links.lead(metadata(href), digest == null ? List.of() : List.of(digest));
      }
    }
    link.attr("href", links.lead(href, promised));
  }

  /** Where the metadata of that file is (PEP 658). */
  static String metadata(String href) {
    int mark = href.indexOf('#');
    return (mark < 0 ? href : href.substring(0, mark)) + ".metadata";
  }
}
