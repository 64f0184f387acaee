/**
 * The pages for operators: health, readiness, version, metrics.
 *
 * <p>Floor 4: may import every floor below, and imports {@code config} and {@code observe} only. It
 * makes content and knows nothing of HTTP; the door that serves it is in {@code server}. Threads:
 * pages are made off the event loops, since checks and readings may wait. Owns: the last answers of
 * the readiness checks. Start reading at {@link dev.millrace.manage.ManagementPages}.
 */
@NullMarked
package dev.millrace.manage;

import org.jspecify.annotations.NullMarked;
