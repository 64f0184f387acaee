package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Cpus;
import java.nio.file.Path;

/**
 * Where a peer runs.
 *
 * @param folder an empty folder for its configuration, logs and data
 * @param originPort its upstream on loopback
 * @param cpus what it may run on
 * @param storeBytes how much it has to be able to keep
 */
public record Site(Path folder, int originPort, Cpus cpus, long storeBytes) {}
