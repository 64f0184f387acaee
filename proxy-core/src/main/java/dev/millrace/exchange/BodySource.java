package dev.millrace.exchange;

import dev.millrace.artifact.Digest;
import dev.millrace.fill.Fill;
import dev.millrace.storage.FileStream;
import dev.millrace.storage.OpenFile;
import dev.millrace.store.BlobMissingException;
import dev.millrace.store.BlobStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Where a whole body is read from.
 *
 * <p>An interface because it is in the store, or still in the fill that brought it.
 */
@FunctionalInterface
interface BodySource {
  /** Opens it. Does not block. Ownership: the caller closes the stream. */
  CompletionStage<InputStream> open();

  /** A stored blob. */
  static BodySource of(BlobStore store, Digest digest) {
    return () -> store.open(digest).thenApply(FileStream::new);
  }

  /** The body of a whole fill, among whose readers the caller is counted when it opens it. */
  static BodySource of(Fill fill, BlobStore store) {
    return () -> {
      ByteBuf small = fill.openSmall();
      if (small != null) {
        return CompletableFuture.completedStage(new ByteBufInputStream(small, true));
      }
      OpenFile file = fill.openWhole();
      return file == null
          ? of(store, fill.artifact().digest()).open()
          : CompletableFuture.completedStage(new FileStream(file));
    };
  }

  /** Whether that is why a source could not be opened. */
  static boolean isLost(Throwable failure) {
    return failure instanceof BlobMissingException;
  }
}
