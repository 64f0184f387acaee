package dev.millrace.fill;

import dev.millrace.fill.Script.Step;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * An upstream that sends by script, on a real event loop, and no faster than it is read.
 *
 * <p>Threading: callable from any thread; each fetch is confined to one loop.
 */
final class ScriptedFetcher implements Fetcher {
  private final EventLoopGroup loops;
  private final Map<String, List<Script>> scripts = new ConcurrentHashMap<>();
  private final Map<String, Function<FetchRequest, Script>> answers = new ConcurrentHashMap<>();
  private final List<Fetch> fetches = new CopyOnWriteArrayList<>();

  ScriptedFetcher(EventLoopGroup loops) {
    this.loops = loops;
  }

  /** Answers further fetches of that path so, one after the other, and the last one for ever. */
  void script(String path, Script... turns) {
    scripts.put(path, new CopyOnWriteArrayList<>(turns));
  }

  /** Answers each fetch of that path by what it asks for. */
  void answer(String path, Function<FetchRequest, Script> how) {
    answers.put(path, how);
  }

  /** Body bytes that were sent in all. */
  long sentBytes() {
    return fetches.stream().mapToLong(fetch -> fetch.sent.get()).sum();
  }

  /** Every fetch so far. */
  List<Fetch> fetches() {
    return fetches;
  }

  /** The last fetch. */
  Fetch last() {
    return fetches.getLast();
  }

  @Override
  public void fetch(FetchRequest request, FetchSink sink) {
    Function<FetchRequest, Script> how = answers.get(request.path());
    Script script = how == null ? nextTurn(request.path()) : how.apply(request);
    Fetch fetch = new Fetch(loops.next(), request, sink, script);
    fetches.add(fetch);
    fetch.loop.execute(fetch::play);
  }

  private Script nextTurn(String path) {
    List<Script> turns = scripts.get(path);
    if (turns == null) {
      throw new IllegalStateException("no script for " + path);
    }
    return turns.size() > 1 ? turns.removeFirst() : turns.getFirst();
  }

  /** One fetch, and what was asked of it. */
  static final class Fetch implements FetchFlow {
    private final EventLoop loop;
    private final FetchRequest request;
    private final FetchSink sink;
    private final ArrayDeque<Step> rest;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean cancelled;
    private volatile boolean held;
    private boolean over;
    private boolean granted;
    private boolean reading;
    private boolean playing;

    Fetch(EventLoop loop, FetchRequest request, FetchSink sink, Script script) {
      this.loop = loop;
      this.request = request;
      this.sink = sink;
      this.rest = new ArrayDeque<>(script.steps());
    }

    /** What was asked for. */
    FetchRequest request() {
      return request;
    }

    /** Reads that were granted so far. */
    int reads() {
      return reads.get();
    }

    /** Whether the sink gave it up. */
    boolean isCancelled() {
      return cancelled;
    }

    /** Whether it stands at a hold. */
    boolean isHeld() {
      return held;
    }

    /** Ends the hold it stands at. */
    void goOn() {
      loop.execute(() -> {
        held = false;
        rest.poll();
        play();
      });
    }

    @Override
    public EventLoop loop() {
      return loop;
    }

    @Override
    public void read() {
      if (loop.inEventLoop()) {
        grant();
      } else {
        loop.execute(this::grant);
      }
    }

    @Override
    public void cancel() {
      if (loop.inEventLoop()) {
        drop();
      } else {
        loop.execute(this::drop);
      }
    }

    private void drop() {
      cancelled = true;
      over = true;
    }

    private void grant() {
      if (over) {
        return;
      }
      assert !granted && !reading : "a read was asked for twice";
      reads.incrementAndGet();
      granted = true;
      // Never inside the call: a socket brings bytes by an event of its own.
      loop.execute(this::play);
    }

    private void play() {
      if (playing) {
        return;
      }
      playing = true;
      boolean more = true;
      while (more && !over) {
        Step next = rest.peek();
        more = next != null && step(next);
      }
      playing = false;
    }

    /** Whether the next step may follow. */
    private boolean step(Step step) {
      switch (step) {
        case Step.Head(FetchHead head) -> {
          rest.poll();
          sink.onHead(head, this);
        }
        case Step.Piece(ByteBuffer bytes) -> {
          rest.poll();
          sent.addAndGet(bytes.remaining());
          sink.onBody(
              ByteBufAllocator.DEFAULT
                  .directBuffer(Math.max(1, bytes.remaining()))
                  .writeBytes(bytes.duplicate()));
        }
        case Step.NextRead() -> {
          return nextRead();
        }
        case Step.Hold() -> {
          held = true;
          return false;
        }
        case Step.End(BodyEnd end) -> {
          over = true;
          sink.onEnd(end);
        }
        case Step.Broken(var reason) -> {
          over = true;
          sink.onFailure(reason, "by script");
        }
      }
      return true;
    }

    private boolean nextRead() {
      if (reading) {
        reading = false;
        sink.onReadComplete();
        return true;
      }
      if (!granted) {
        return false;
      }
      granted = false;
      reading = true;
      rest.poll();
      return true;
    }
  }
}
