package dev.millrace.store;

import java.util.concurrent.atomic.LongAdder;

/** The running counts behind {@link StoreCounters}. Threading: thread-safe. */
final class StoreMeter {
  final LongAdder commits = new LongAdder();
  final LongAdder commitFailures = new LongAdder();
  final LongAdder commitRounds = new LongAdder();
  final LongAdder evictions = new LongAdder();
  final LongAdder evictedBytes = new LongAdder();
  final LongAdder healed = new LongAdder();
  final LongAdder orphansRemoved = new LongAdder();
  final LongAdder unknownFiles = new LongAdder();
  final LongAdder unlinkFailures = new LongAdder();
  final LongAdder accessDrops = new LongAdder();
  final LongAdder refreshDrops = new LongAdder();
}
