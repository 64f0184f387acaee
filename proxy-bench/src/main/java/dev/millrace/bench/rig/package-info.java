/**
 * What a whole-process measurement stands on: an origin, a load client and a look into processes.
 *
 * <p>Imports Netty, HdrHistogram and Jackson, and nothing of the proxy: what is measured is another
 * process. Threads: one event loop in each child; the tool itself polls {@code /proc} on a thread
 * of its own. Owns: the child processes it started. Start reading at {@link
 * dev.millrace.bench.rig.Rig}.
 */
@NullMarked
package dev.millrace.bench.rig;

import org.jspecify.annotations.NullMarked;
