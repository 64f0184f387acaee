/**
 * Package types: how a path is classified, which digests an answer promises, how an index is read.
 * A new type is one class here and one line in {@link dev.millrace.format.Formats}.
 *
 * <p>Floor 1: imports floor 0. Threading: immutable. Owns: nothing. Indexes are parsed by
 * libraries, links are {@link dev.millrace.format.RemoteLinks}. Start reading at {@link
 * dev.millrace.format.Format}.
 */
@NullMarked
package dev.millrace.format;

import org.jspecify.annotations.NullMarked;
