package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's response decoder, made strict: the head's raw bytes pass a {@link HeadScanner} before
 * Netty parses them, ambiguous framing is refused (RFC 9112 §6.3), interim responses are skipped,
 * and bytes behind the end of a message are told from the message.
 *
 * <p>It emits, for each {@link #expect}: one {@link Head}, body pieces as {@link ByteBuf}, one
 * {@link Mark#END}, and {@link Mark#SURPLUS} or {@link Mark#SURPLUS_RESPONSE} when more bytes
 * follow; or one {@link Defect}, after which everything is swallowed.
 *
 * <p>Limits: a chunk is smaller than 2 GiB, its line at most {@code Limits.ORIGIN_LINE_BYTES}.
 *
 * <p>Threading: confined to its channel's event loop.
 *
 * <p>Ownership: a piece is the buffer that was read or a slice of it, its reference passes to the
 * next handler.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  private static final byte[] RESPONSE_PREFIX = "HTTP/".getBytes(StandardCharsets.US_ASCII);

  /** What is emitted between heads and pieces. */
  enum Mark {
    /** The message ended as its framing says. */
    END,
    /** Bytes behind the message that begin like another response. */
    SURPLUS_RESPONSE,
    /** Other bytes behind the message. */
    SURPLUS
  }

  /**
   * The head of a final response.
   *
   * @param response version, status and fields
   * @param framing how its body ends
   * @param length declared length in bytes, -1 for none
   */
  record Head(HttpResponse response, Framing framing, long length) {}

  /**
   * The message is refused.
   *
   * @param reason bad message, too large, or extra bytes
   * @param detail one phrase
   */
  record Defect(FetchFailure reason, String detail) {}

  private enum Phase {
    HEAD,
    BODY,
    AFTER,
    DEAD
  }

  private final HeadScanner scanner = new HeadScanner();
  private Phase phase = Phase.AFTER;
  private boolean headOnly;
  private boolean begun;
  private boolean passedOn;
  private int scanned;
  private int interims;

  /** Body bytes still to come where their number was declared; Netty is told of no such body. */
  private long left;

  ResponseDecoder() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(Limits.ORIGIN_LINE_BYTES)
            .setMaxHeaderSize(Limits.ORIGIN_HEAD_BYTES)
            .setMaxChunkSize(2 * Limits.READ_BUFFER_BYTES)
            .setValidateHeaders(true)
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true));
  }

  /** Prepares for the response to a request that was just sent. */
  void expect(boolean toHeadRequest) {
    assert phase == Phase.AFTER;
    phase = Phase.HEAD;
    headOnly = toHeadRequest;
    begun = false;
    interims = 0;
    scanned = 0;
    left = 0;
    scanner.reset();
  }

  /** Whether any byte has come since {@link #expect}. */
  boolean hasBegun() {
    return begun;
  }

  /** A body of declared length is counted here: Netty would make two objects for each piece. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return headOnly || scanner.lengths() > 0 || super.isContentAlwaysEmpty(message);
  }

  /**
   * What is nothing but body goes on as it is. A chunk line that is cut by the end of a read leaves
   * some bytes behind, and Netty would copy the next read to them. So the next read is handed over
   * in two: the rest of that line, then the body.
   */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf piece && isBodyAlone(piece)) {
      passedOn = true;
      left -= piece.readableBytes();
      boolean last = left == 0;
      phase = last ? Phase.AFTER : Phase.BODY;
      ctx.fireChannelRead(piece);
      if (last) {
        ctx.fireChannelRead(Mark.END);
      }
      return;
    }
    if (message instanceof ByteBuf read && actualReadableBytes() > 0) {
      int lineFeed = read.bytesBefore((byte) '\n');
      if (lineFeed >= 0 && lineFeed + 1 < read.readableBytes()) {
        super.channelRead(ctx, read.readRetainedSlice(lineFeed + 1));
      }
    }
    super.channelRead(ctx, message);
  }

  private boolean isBodyAlone(ByteBuf piece) {
    int bytes = piece.readableBytes();
    return phase == Phase.BODY && bytes > 0 && bytes <= left && actualReadableBytes() == 0;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (passedOn) {
      // Netty's would read on by itself, for it has seen nothing come.
      passedOn = false;
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    switch (phase) {
      case HEAD -> decodeHead(ctx, in, out);
      case BODY -> {
        if (left > 0) {
          count(in, out);
          return;
        }
        int from = out.size();
        super.decode(ctx, in, out);
        translate(in, out, from);
      }
      case AFTER -> {
        out.add(isResponse(in, in.readerIndex()) ? Mark.SURPLUS_RESPONSE : Mark.SURPLUS);
        in.skipBytes(in.readableBytes());
      }
      case DEAD -> in.skipBytes(in.readableBytes());
    }
  }

  /** The end of the connection: ends a body that only the close delimits, and nothing else. */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    int from = out.size();
    super.decodeLast(ctx, in, out);
    if (phase == Phase.BODY) {
      translate(in, out, from);
    }
  }

  private void count(ByteBuf in, List<Object> out) {
    int bytes = (int) Math.min(left, in.readableBytes());
    out.add(in.readRetainedSlice(bytes));
    left -= bytes;
    if (left == 0) {
      phase = Phase.AFTER;
      out.add(Mark.END);
    }
  }

  private void decodeHead(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    begun = true;
    int start = in.readerIndex();
    int stop = in.forEachByte(start + scanned, in.readableBytes() - scanned, scanner);
    if (stop < 0) {
      scanned = in.readableBytes();
      return;
    }
    FetchFailure failure = scanner.failure();
    if (failure != null) {
      die(failure, scanner.detail(), in, out);
      return;
    }
    if (scanner.status() < 200) {
      skipInterim(in, stop + 1, out);
      return;
    }
    String ambiguity = ambiguity();
    if (ambiguity != null) {
      die(FetchFailure.BAD_MESSAGE, ambiguity, in, out);
      return;
    }
    int from = out.size();
    super.decode(ctx, in, out);
    HttpResponse response = (HttpResponse) out.get(from);
    DecoderResult result = response.decoderResult();
    if (result.isFailure()) {
      out.subList(from, out.size()).clear();
      boolean tooLong = result.cause() instanceof TooLongFrameException;
      die(tooLong ? FetchFailure.HEAD_TOO_LARGE : FetchFailure.BAD_MESSAGE, "a bad head", in, out);
      return;
    }
    assert in.readerIndex() == stop + 1;
    begin(response, in, out, from);
  }

  private void skipInterim(ByteBuf in, int end, List<Object> out) {
    if (scanner.status() == 101) {
      die(FetchFailure.BAD_MESSAGE, "a switch of protocols that nobody asked for", in, out);
      return;
    }
    if (++interims > Limits.INTERIM_RESPONSES_MAX) {
      die(FetchFailure.HEAD_TOO_LARGE, "more interim responses than allowed", in, out);
      return;
    }
    in.readerIndex(end);
    scanned = 0;
    scanner.reset();
  }

  /** What the counts of fields alone make ambiguous, or null. */
  private @Nullable String ambiguity() {
    if (scanner.lengths() > 1) {
      return "more than one Content-Length";
    }
    if (scanner.codings() > 1) {
      return "more than one Transfer-Encoding";
    }
    if (scanner.codings() > 0 && scanner.lengths() > 0) {
      return "both Content-Length and Transfer-Encoding";
    }
    if (scanner.codings() > 0 && (scanner.minor() == 0 || scanner.status() == 204)) {
      return "a Transfer-Encoding where none is allowed";
    }
    return null;
  }

  /** Replaces Netty's message by ours, or by a defect. */
  private void begin(HttpResponse response, ByteBuf in, List<Object> out, int from) {
    long length = declaredLength(response);
    boolean empty = headOnly || scanner.status() == 204 || scanner.status() == 304;
    Framing framing = framing(response, length, empty);
    String defect = null;
    if (framing == null) {
      defect = "a Transfer-Encoding other than chunked";
    } else if (scanner.lengths() > 0 && length < 0) {
      defect = "a Content-Length that is no number";
    } else if (scanner.status() == 204 && length > 0) {
      defect = "a 204 with a body";
    }
    if (framing == null || defect != null) {
      out.subList(from, out.size()).clear();
      die(FetchFailure.BAD_MESSAGE, String.valueOf(defect), in, out);
      return;
    }
    if (hasForeignBytes(in, framing, length)) {
      out.subList(from, out.size()).clear();
      boolean promised = framing == Framing.LENGTH;
      die(
          promised ? FetchFailure.EXTRA_BYTES : FetchFailure.BAD_MESSAGE,
          promised ? "bytes behind the announced end" : "a body where none may be",
          in,
          out);
      return;
    }
    out.set(from, new Head(response, framing, length));
    phase = Phase.BODY;
    if (framing == Framing.LENGTH && length > 0) {
      left = length;
      // The end of the body that Netty believes to be empty.
      out.subList(from + 1, out.size()).clear();
    } else {
      translate(in, out, from + 1);
    }
  }

  /**
   * Whether the bytes at hand already show that something other than a response follows the
   * message.
   */
  private boolean hasForeignBytes(ByteBuf in, Framing framing, long length) {
    // What sloppy servers send behind the head of an answer to HEAD harms nobody: the connection
    // goes.
    boolean known = framing == Framing.LENGTH || (framing == Framing.NONE && !headOnly);
    long body = framing == Framing.LENGTH ? length : 0;
    return known && in.readableBytes() > body && !isResponse(in, in.readerIndex() + (int) body);
  }

  private static @Nullable Framing framing(HttpResponse response, long length, boolean empty) {
    if (empty) {
      return Framing.NONE;
    }
    String coding = response.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
    if (coding != null) {
      return coding.equalsIgnoreCase("chunked") ? Framing.CHUNKED : null;
    }
    return length >= 0 ? Framing.LENGTH : Framing.CLOSE;
  }

  /** Digits only (RFC 9110 §8.6), at most what a long surely holds; else -1. */
  private static long declaredLength(HttpResponse response) {
    String value = response.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (value == null || value.isEmpty() || value.length() > 18) {
      return -1;
    }
    long length = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      length = length * 10 + digit;
    }
    return length;
  }

  /** Turns Netty's contents into bare pieces and marks. */
  private void translate(ByteBuf in, List<Object> out, int from) {
    for (int i = from; i < out.size(); i++) {
      if (!(out.get(i) instanceof HttpContent content)) {
        continue;
      }
      if (content.decoderResult().isFailure()) {
        content.release();
        out.subList(i, out.size()).clear();
        die(FetchFailure.BAD_MESSAGE, "bad chunked framing", in, out);
        return;
      }
      if (!(content instanceof LastHttpContent)) {
        out.set(i, content.content());
        continue;
      }
      assert i == out.size() - 1;
      phase = Phase.AFTER;
      if (content.content().isReadable()) {
        out.set(i++, content.content());
        out.add(Mark.END);
      } else {
        content.release();
        out.set(i, Mark.END);
      }
    }
  }

  private void die(FetchFailure reason, String detail, ByteBuf in, List<Object> out) {
    phase = Phase.DEAD;
    in.skipBytes(in.readableBytes());
    out.add(new Defect(reason, detail));
  }

  private static boolean isResponse(ByteBuf in, int at) {
    if (in.writerIndex() - at < RESPONSE_PREFIX.length) {
      return false;
    }
    for (int i = 0; i < RESPONSE_PREFIX.length; i++) {
      if (in.getByte(at + i) != RESPONSE_PREFIX[i]) {
        return false;
      }
    }
    return true;
  }
}
