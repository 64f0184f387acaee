package dev.millrace.origin;

import dev.millrace.config.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one remote to one origin, at most so many at a time.
 *
 * <p>A slot is one connection from the dial until it is closed. An unused connection is given to
 * the next who asks, the last used first, because it is the least likely to have been closed
 * meanwhile; one that lives on the asking loop before any other. Who finds no slot waits in line; a
 * freed connection or slot goes to the first in line and to nobody else, so that no fetch starves.
 *
 * <p>Limits: {@code max_connections} slots, {@code Limits.POOL_WAITERS_MAX} waiters.
 *
 * <p>Threading: thread-safe by its own monitor, which is held for a few list operations and never
 * while anything is called.
 */
final class OriginPool {
  /** What {@link #acquire} found. */
  enum Found {
    /** The ticket holds a connection to use. */
    CONNECTION,
    /** The ticket holds a slot; the caller dials. */
    SLOT,
    /** The ticket is in line and will be called. */
    WAIT,
    /** The line is as long as it may be. */
    LINE_FULL,
    /** The pool was given up because nobody used it; look for a new one. */
    RETIRED,
    /** The client is closed. */
    CLOSED
  }

  private final int slots;
  private final Breaker breaker = new Breaker();
  private final ArrayDeque<OriginConnection> idle = new ArrayDeque<>();
  private final LinkedHashSet<OriginFetch.Ticket> line = new LinkedHashSet<>();
  private final Set<OriginConnection> live = new HashSet<>();
  private int taken;
  private boolean retired;
  private boolean closed;

  OriginPool(int slots) {
    this.slots = slots;
  }

  /** Whether the origin is asked at all. */
  Breaker breaker() {
    return breaker;
  }

  /** Finds a connection or a slot for a ticket, or puts it in line; called on the ticket's loop. */
  Found acquire(OriginFetch.Ticket ticket) {
    OriginConnection spare;
    synchronized (this) {
      Found found = find(ticket);
      if (found != Found.WAIT || !ticket.fresh()) {
        return found;
      }
      // All slots are taken, and of no use to this one are those that only keep a connection warm.
      spare = idle.pollLast();
    }
    if (spare != null) {
      spare.closeSoon();
    }
    return Found.WAIT;
  }

  private Found find(OriginFetch.Ticket ticket) {
    if (closed) {
      return Found.CLOSED;
    }
    if (retired) {
      return Found.RETIRED;
    }
    // Who already waits comes first.
    if (line.isEmpty()) {
      OriginConnection unused = ticket.fresh() ? null : takeIdle();
      if (unused != null) {
        ticket.give(unused);
        return Found.CONNECTION;
      }
      if (taken < slots) {
        taken++;
        return Found.SLOT;
      }
    }
    if (line.size() >= Limits.POOL_WAITERS_MAX) {
      return Found.LINE_FULL;
    }
    line.add(ticket);
    return Found.WAIT;
  }

  /** Takes a ticket out of the line. False when it has been called already. */
  synchronized boolean withdraw(OriginFetch.Ticket ticket) {
    return line.remove(ticket);
  }

  /** A dial became a connection. False when it is not wanted any more and has to be closed. */
  synchronized boolean opened(OriginConnection connection) {
    if (closed) {
      return false;
    }
    live.add(connection);
    return true;
  }

  /** A connection is free again: goes to the first in line, else to the unused ones. */
  void release(OriginConnection connection) {
    OriginFetch.Ticket first;
    synchronized (this) {
      if (!closed && line.isEmpty()) {
        idle.addFirst(connection);
        return;
      }
      // One who needs a new connection keeps its place, and gets the slot of this one.
      first = closed || line.getFirst().fresh() ? null : line.removeFirst();
    }
    if (first == null) {
      connection.closeSoon();
      return;
    }
    first.give(connection);
    first.call(Found.CONNECTION);
  }

  /** A slot is free: its connection closed, or its dial failed. */
  void slotFreed(@Nullable OriginConnection connection) {
    OriginFetch.Ticket first;
    synchronized (this) {
      if (connection != null) {
        idle.remove(connection);
        live.remove(connection);
      }
      first = line.isEmpty() ? null : line.removeFirst();
      if (first == null) {
        taken--;
        notifyAll();
        return;
      }
    }
    first.call(Found.SLOT);
  }

  /** Gives the pool up if nothing of it is in use. */
  synchronized boolean retireIfUnused() {
    retired = retired || (taken == 0 && line.isEmpty());
    return retired;
  }

  /** Whether {@link #retireIfUnused} has given it up. */
  synchronized boolean isRetired() {
    return retired;
  }

  /** Refuses everybody from now on: the waiting are called with {@link Found#CLOSED}. */
  void close() {
    List<OriginFetch.Ticket> refused;
    List<OriginConnection> unused;
    synchronized (this) {
      closed = true;
      refused = new ArrayList<>(line);
      unused = new ArrayList<>(idle);
      line.clear();
      idle.clear();
    }
    refused.forEach(ticket -> ticket.call(Found.CLOSED));
    unused.forEach(OriginConnection::closeSoon);
  }

  /** Breaks every connection in use. */
  void abort() {
    List<OriginConnection> open;
    synchronized (this) {
      open = new ArrayList<>(live);
    }
    open.forEach(OriginConnection::abort);
  }

  /**
   * Waits until no slot is taken, at most until a deadline. Threading: not on an event loop.
   *
   * @param nanos the clock of the deadline
   */
  synchronized void awaitUnused(LongSupplier nanos, long deadlineNanos)
      throws InterruptedException {
    long left = deadlineNanos - nanos.getAsLong();
    while (taken > 0 && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadlineNanos - nanos.getAsLong();
    }
  }

  /** Slots taken: connections, unused ones included, and dials. */
  synchronized int taken() {
    return taken;
  }

  /** Unused connections. */
  synchronized int unused() {
    return idle.size();
  }

  private @Nullable OriginConnection takeIdle() {
    for (Iterator<OriginConnection> i = idle.iterator(); i.hasNext(); ) {
      OriginConnection connection = i.next();
      if (connection.loop().inEventLoop()) {
        i.remove();
        return connection;
      }
    }
    return idle.pollFirst();
  }
}
