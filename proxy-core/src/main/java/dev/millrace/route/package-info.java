/**
 * Which door a request target names, and whether its spelling is acceptable.
 *
 * <p>Floor 1: imports floor 0. Threading: immutable, on any thread, no I/O. Owns: nothing. Start
 * reading at {@link dev.millrace.route.Router}.
 */
@NullMarked
package dev.millrace.route;

import org.jspecify.annotations.NullMarked;
