package dev.millrace.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Reads an index of one package type.
 *
 * <p>An interface because each shape of an index is one implementation.
 *
 * <p>Threading: immutable. Limits: holds one entry in memory, not the index.
 */
@FunctionalInterface
public interface IndexReader {
  /**
   * Copies the index with its links led where {@code links} says.
   *
   * <p>Errors: {@link MalformedIndexException} for what is no such index, of which a part may have
   * been written. Ownership: closes neither stream.
   */
  void copy(InputStream index, OutputStream copy, Links links) throws IOException;
}
