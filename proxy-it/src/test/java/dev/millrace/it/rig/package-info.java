/**
 * The harness of the black-box tests: the product as a process, a scripted upstream, a client that
 * sends and sees exact bytes, and bodies of any size that nobody has to hold.
 *
 * <p>Start reading at {@link dev.millrace.it.rig.Rig}.
 */
@NullMarked
package dev.millrace.it.rig;

import org.jspecify.annotations.NullMarked;
