/**
 * Settings as they were given, checked once, and the named limits.
 *
 * <p>Floor 0: imports nothing of ours. Threading: all values are immutable. Owns: nothing. Start
 * reading at {@link dev.millrace.config.Settings}; how a file becomes settings is in {@link
 * dev.millrace.config.SettingsFile}.
 */
@NullMarked
package dev.millrace.config;

import org.jspecify.annotations.NullMarked;
