/**
 * The composition root: one running process, put together from its parts and taken apart again.
 *
 * <p>Floor 6: imports every floor below, and the seams that {@code cli} owns. Threading: started
 * and drained by one thread each. Owns: every part, in the order of its start. Start reading at
 * {@link dev.millrace.node.Node}.
 */
@NullMarked
package dev.millrace.node;

import org.jspecify.annotations.NullMarked;
