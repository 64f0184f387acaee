package dev.millrace.exchange;

import dev.millrace.coordinate.NegativeCache;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.Fetcher;
import dev.millrace.fill.FillTable;
import dev.millrace.serve.HotBodies;
import dev.millrace.store.BlobStore;
import java.time.InstantSource;

/**
 * What every exchange works with.
 *
 * @param store look-ups and files
 * @param fills running fills
 * @param fetcher for what is relayed and not stored
 * @param budget global body memory
 * @param hot small bodies in memory
 * @param negative remembered absences
 * @param indexes with their links led through here
 * @param publicUrl what this proxy is called
 * @param clock wall clock
 */
public record ExchangeServices(
    BlobStore store,
    FillTable fills,
    Fetcher fetcher,
    BodyBudget budget,
    HotBodies hot,
    NegativeCache negative,
    Indexes indexes,
    PublicUrl publicUrl,
    InstantSource clock) {}
