package dev.millrace.config;

import java.time.Duration;

/**
 * What is kept of bodies that broke off, for the next who asks for them.
 *
 * @param maxAge how long
 * @param maxBytes how much, all together; 0 keeps nothing
 */
public record SpoolLimits(Duration maxAge, long maxBytes) {}
