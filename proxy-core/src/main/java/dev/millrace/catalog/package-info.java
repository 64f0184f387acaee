/**
 * The facts in SQL: which artifact is which blob, sizes, freshness, access counts.
 *
 * <p>Floor 1: imports {@code artifact}, {@code config}, {@code observe}. Threading: every call
 * blocks and runs on a virtual thread or the store's writer, never on an event loop. Owns: the
 * connection pool and the schema's migrations. Start reading at {@link
 * dev.millrace.catalog.Catalog}.
 */
@NullMarked
package dev.millrace.catalog;

import org.jspecify.annotations.NullMarked;
