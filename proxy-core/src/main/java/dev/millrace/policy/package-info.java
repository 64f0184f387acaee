/**
 * Whether a remote's rules let a path through.
 *
 * <p>Floor 1: imports floor 0. Threading: immutable. Owns: nothing. Start reading at {@link
 * dev.millrace.policy.PathRules}.
 */
@NullMarked
package dev.millrace.policy;

import org.jspecify.annotations.NullMarked;
