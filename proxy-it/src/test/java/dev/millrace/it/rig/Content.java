package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A script that serves a body: framed, ranged, held, slowed or broken as asked.
 *
 * <p>Threading: immutable but for its gate; serves any number of requests at once.
 */
public record Content(
    Body body,
    Framing framing,
    List<String> fields,
    Fault fault,
    @Nullable Gate gate,
    boolean ranges)
    implements Script {
  private static final int STEP_BYTES = 128 * 1024;

  /** The body with {@code Content-Length}, without validators and without ranges. */
  public static Content of(Body body) {
    return new Content(body, Framing.LENGTH, List.of(), new Fault.None(), null, false);
  }

  /** A text with {@code Content-Length}. */
  public static Content of(String text) {
    return of(Body.text(text));
  }

  /** The same with another framing. */
  public Content framed(Framing other) {
    return new Content(body, other, fields, fault, gate, ranges);
  }

  /** The same with one more field line. */
  public Content with(String fieldLine) {
    List<String> more = new ArrayList<>(fields);
    more.add(fieldLine);
    return new Content(body, framing, List.copyOf(more), fault, gate, ranges);
  }

  /** The same with an entity tag, quotes included; matching conditions are answered 304. */
  public Content etag(String tag) {
    return with("ETag: " + tag);
  }

  /** The same with a fault. */
  public Content broken(Fault other) {
    return new Content(body, framing, fields, other, gate, ranges);
  }

  /** The same, held at the gate. */
  public Content gated(Gate other) {
    return new Content(body, framing, fields, fault, other, ranges);
  }

  /** The same, answering ranges. */
  public Content ranged() {
    return new Content(body, framing, fields, fault, gate, true);
  }

  @Override
  public void answer(Exchange exchange) throws IOException {
    Received request = exchange.request();
    if (unchanged(request)) {
      exchange.send("HTTP/1.1 304 Not Modified\r\n" + fieldLines() + "\r\n");
      return;
    }
    long from = 0;
    long to = body.lengthBytes();
    String range = request.first("Range");
    boolean partial = ranges && range != null && rangeApplies(request);
    if (partial && range != null) {
      long[] span = span(range);
      from = span[0];
      to = span[1];
      if (from >= to) {
        exchange.send(
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */"
                + body.lengthBytes()
                + "\r\nContent-Length: 0\r\n\r\n");
        return;
      }
    }
    exchange.send(head(partial, from, to));
    if (!request.method().equals("HEAD")) {
      sendBody(exchange, from, to);
    }
    if (framing == Framing.CLOSE || fault instanceof Fault.WrongLength) {
      exchange.closeAfter();
    }
  }

  private String head(boolean partial, long from, long to) {
    StringBuilder head =
        new StringBuilder(partial ? "HTTP/1.1 206 Partial\r\n" : "HTTP/1.1 200 OK\r\n");
    head.append(fieldLines());
    if (ranges) {
      head.append("Accept-Ranges: bytes\r\n");
    }
    if (partial) {
      head.append("Content-Range: bytes %d-%d/%d\r\n".formatted(from, to - 1, body.lengthBytes()));
    }
    long delta = fault instanceof Fault.WrongLength(long off) ? off : 0;
    switch (framing) {
      case LENGTH -> head.append("Content-Length: ").append(to - from + delta).append("\r\n");
      case CHUNKED -> head.append("Transfer-Encoding: chunked\r\n");
      case CLOSE -> head.append("Connection: close\r\n");
    }
    return head.append("\r\n").toString();
  }

  private void sendBody(Exchange exchange, long from, long to) throws IOException {
    long rate = fault instanceof Fault.SlowBytes(long perSecond) ? perSecond : 0;
    Pace pace = new Pace(rate);
    long stopAt = fault.stopsAtBytes() < 0 ? to : Math.min(to, from + fault.stopsAtBytes());
    byte[] buffer = new byte[(int) Math.max(1, Math.min(STEP_BYTES, to - from))];
    long at = from;
    while (at < stopAt) {
      long stepEnd = Math.min(stopAt, at + pace.stepBytes(buffer.length));
      if (gate != null && at <= gate.atBytes() && gate.atBytes() < stepEnd) {
        stepEnd = gate.atBytes();
        sendPiece(exchange, buffer, at, (int) (stepEnd - at));
        gate.hold();
        at = stepEnd;
        stepEnd = Math.min(stopAt, at + pace.stepBytes(buffer.length));
      }
      sendPiece(exchange, buffer, at, (int) (stepEnd - at));
      pace.passed(stepEnd - at);
      at = stepEnd;
    }
    if (gate != null && gate.atBytes() == stopAt) {
      gate.hold();
    }
    finish(exchange);
  }

  private void sendPiece(Exchange exchange, byte[] buffer, long at, int length) throws IOException {
    if (length == 0) {
      return;
    }
    body.copy(at, buffer, length);
    if (framing == Framing.CHUNKED) {
      exchange.send(Integer.toHexString(length) + "\r\n");
    }
    exchange.sendBody(buffer, length);
    if (framing == Framing.CHUNKED) {
      exchange.send("\r\n");
    }
  }

  private void finish(Exchange exchange) throws IOException {
    switch (fault) {
      case Fault.CutAfter _ -> exchange.closeAfter();
      case Fault.Reset _ -> exchange.reset();
      case Fault.Stall _ -> exchange.waitForPeer();
      case Fault.BadChunk _ -> {
        exchange.send("ZZ\r\n".getBytes(StandardCharsets.ISO_8859_1));
        exchange.waitForPeer();
      }
      case Fault.None _, Fault.WrongLength _, Fault.SlowBytes _ -> {
        if (framing == Framing.CHUNKED) {
          exchange.send("0\r\n\r\n");
        }
      }
    }
  }

  private boolean unchanged(Received request) {
    String etag = value("ETag");
    String asked = request.first("If-None-Match");
    if (asked != null) {
      return etag != null && asked.contains(etag);
    }
    String modified = value("Last-Modified");
    return modified != null && modified.equals(request.first("If-Modified-Since"));
  }

  private boolean rangeApplies(Received request) {
    String condition = request.first("If-Range");
    return condition == null
        || condition.equals(value("ETag"))
        || condition.equals(value("Last-Modified"));
  }

  private long[] span(String range) {
    String spec = range.substring(range.indexOf('=') + 1);
    int dash = spec.indexOf('-');
    long length = body.lengthBytes();
    if (dash == 0) {
      return new long[] {Math.max(0, length - Long.parseLong(spec.substring(1))), length};
    }
    long from = Long.parseLong(spec.substring(0, dash));
    String last = spec.substring(dash + 1);
    return new long[] {from, last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1)};
  }

  private @Nullable String value(String name) {
    for (String line : fields) {
      int colon = line.indexOf(':');
      if (line.substring(0, colon).equalsIgnoreCase(name)) {
        return line.substring(colon + 1).strip();
      }
    }
    return null;
  }

  private String fieldLines() {
    StringBuilder lines = new StringBuilder();
    for (String line : fields) {
      lines.append(line).append("\r\n");
    }
    return lines.toString();
  }
}
