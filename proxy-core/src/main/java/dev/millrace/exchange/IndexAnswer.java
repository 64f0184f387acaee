package dev.millrace.exchange;

import static dev.millrace.config.Limits.GZIP_BYTES_MIN;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.exchange.Indexes.Opened;
import dev.millrace.exchange.Indexes.UnrewrittenException;
import dev.millrace.observe.Unrewritten;
import dev.millrace.serve.ClientRequest;
import dev.millrace.storage.OpenFile;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers with an index whose links lead through the proxy: a representation of its own, with its
 * own tag.
 *
 * <p>Threading: confined to the client's event loop; the copy is made elsewhere.
 */
final class IndexAnswer {
  private static final String VARY = "Accept, Accept-Encoding";

  private final Exchange exchange;
  private final ExchangeServices services;
  private final Remote remote;
  private final Otherwise otherwise;

  /**
   * What follows, besides the answer.
   *
   * @param opened the copy is there, and nothing else is needed any more
   * @param unrewritten answers with the index as it came; the reason is null where that is what the
   *     remote wants
   * @param lost its blob is gone, and nothing was answered
   */
  record Otherwise(Runnable opened, Consumer<@Nullable Unrewritten> unrewritten, Runnable lost) {}

  IndexAnswer(Exchange exchange, ExchangeServices services, Remote remote, Otherwise otherwise) {
    this.exchange = exchange;
    this.services = services;
    this.remote = remote;
    this.otherwise = otherwise;
  }

  /** Answers with that index, whose body is whole. */
  void serve(StoredArtifact index, BodySource body, AnswerSource source) {
    boolean rewrites = remote.settings().rewriteLinks();
    boolean gzip =
        rewrites && index.sizeBytes() >= GZIP_BYTES_MIN && acceptsGzip(exchange.request());
    Indexes.Wanted wanted =
        new Indexes.Wanted(
            remote,
            index,
            rewrites ? services.publicUrl().of(exchange.request()) : null,
            gzip,
            body);
    var ignored =
        services
            .indexes()
            .of(wanted)
            .whenComplete((copy, failure) ->
                exchange
                    .responder()
                    .execute(() -> {
                      if (failure == null) {
                        made(copy, index, gzip, source);
                      } else {
                        failed(failure);
                      }
                    }));
  }

  private void made(Opened copy, StoredArtifact index, boolean gzip, AnswerSource source) {
    OpenFile file = copy.file();
    if (file == null) {
      otherwise.unrewritten().accept(null);
      return;
    }
    if (exchange.isAnswered()) {
      file.release();
      return;
    }
    otherwise.opened().run();
    exchange.record().digest(index.digest());
    Representation stored = Representation.of(index, services.clock().millis());
    ArtifactHead head =
        new ArtifactHead(
            stored.head().contentType(),
            gzip ? "gzip" : null,
            stored.head().contentDisposition(),
            stored.head().contentLanguage(),
            null,
            // A date says nothing of whose names the links bear, nor of the coding.
            null,
            null);
    Representation shown =
        new Representation(
            head,
            "\"" + copy.digest() + "\"",
            copy.digest(),
            copy.lengthBytes(),
            stored.ageMillis(),
            VARY);
    new StoredAnswer(exchange, services).serve(file, shown, source);
  }

  private void failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (exchange.isAnswered()) {
      return;
    }
    if (cause instanceof UnrewrittenException why) {
      otherwise.unrewritten().accept(why.reason());
    } else {
      otherwise.lost().run();
    }
  }

  /** RFC 9110 §12.5.3, as far as it is of use: named, or a star, and not refused by its weight. */
  static boolean acceptsGzip(ClientRequest request) {
    List<String> lines = request.headers().getAll(HttpHeaderNames.ACCEPT_ENCODING);
    boolean starred = false;
    for (String line : lines) {
      for (String coding : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        int parameters = coding.indexOf(';');
        String name = (parameters < 0 ? coding : coding.substring(0, parameters)).strip();
        boolean refused =
            parameters >= 0 && coding.substring(parameters + 1).strip().matches("q=0(?:\\.0*)?");
        if (name.equals("gzip") || name.equals("x-gzip")) {
          return !refused;
        }
        starred = starred || (name.equals("*") && !refused);
      }
    }
    return starred;
  }
}
