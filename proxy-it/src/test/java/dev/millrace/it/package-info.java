/**
 * Black-box tests of the running product: one class for each situation a client, an upstream or an
 * operator can bring about.
 *
 * <p>The product is a child process. A test sees its sockets, its data folder, {@code /metrics} and
 * its output, and nothing else. Start reading at {@link dev.millrace.it.rig.Rig}.
 */
@NullMarked
package dev.millrace.it;

import org.jspecify.annotations.NullMarked;
