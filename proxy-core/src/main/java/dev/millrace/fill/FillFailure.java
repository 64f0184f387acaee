package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;

/**
 * Why a fill failed.
 *
 * @param reason the closed reason
 * @param detail a sentence for the log, without credentials
 */
public record FillFailure(FetchFailure reason, String detail) {}
