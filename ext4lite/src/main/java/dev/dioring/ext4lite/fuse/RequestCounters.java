package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.FuseOpcode;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the requests of a mount came to. Counting allocates and locks nothing. */
final class RequestCounters {
  private final Map<FuseOpcode, LatencyHistogram> latencies = new EnumMap<>(FuseOpcode.class);
  private final Map<FuseOpcode, LongAdder> failures = new EnumMap<>(FuseOpcode.class);
  private final LongAdder unknown = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();

  RequestCounters() {
    for (FuseOpcode opcode : FuseOpcode.values()) {
      latencies.put(opcode, new LatencyHistogram());
      failures.put(opcode, new LongAdder());
    }
  }

  /** A request is being answered, or ends without an answer. */
  void ended(@Nullable FuseOpcode opcode, long nanos, boolean failed) {
    if (opcode == null) {
      unknown.increment();
      return;
    }
    of(latencies, opcode).record(nanos);
    if (failed) {
      of(failures, opcode).increment();
    }
  }

  void read(long bytes) {
    bytesRead.add(bytes);
  }

  void wrote(long bytes) {
    bytesWritten.add(bytes);
  }

  LatencyHistogram.Snapshot latency(FuseOpcode opcode) {
    return of(latencies, opcode).snapshot();
  }

  /** Requests of a kind that were answered with an error. */
  long failures(FuseOpcode opcode) {
    return of(failures, opcode).sum();
  }

  /** Requests of kinds that are not known here. */
  long unknown() {
    return unknown.sum();
  }

  long bytesRead() {
    return bytesRead.sum();
  }

  long bytesWritten() {
    return bytesWritten.sum();
  }

  private static <T> T of(Map<FuseOpcode, T> all, FuseOpcode opcode) {
    T one = all.get(opcode);
    if (one == null) {
      throw new AssertionError("every opcode has its counters");
    }
    return one;
  }
}
