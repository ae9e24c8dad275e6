package dev.dioring.ext4lite.fuse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counters of a mount as JSON: live, as the value of an extended attribute of its root that no
 * list of attributes names, and in the end as a file.
 */
final class MountReport {
  /** The attribute; its name is in no namespace that files have attributes in. */
  static final String ATTRIBUTE = "system.ext4lite.stats";

  /** Fields for {@link Remount}. */
  static final String OPTIONS = "options";

  static final String READ_ONLY = "read_only";

  private static final Path MEMORY = Path.of("/proc/self/statm");
  private static final int RESIDENT_FIELD = 1;
  private static final long PAGE_BYTES = 4096;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Where requests come from: how many it holds of how many it may. */
  record Queue(String name, int inFlight, int depth) {}

  /** Who knows the transports. */
  @FunctionalInterface
  interface Queues {
    List<Queue> now();
  }

  private final Ext4Volume volume;
  private final String options;
  private final RequestCounters counters;
  private final Queues queues;
  private final long startNanos = System.nanoTime();

  MountReport(Ext4Volume volume, String options, RequestCounters counters, Queues queues) {
    this.volume = volume;
    this.options = options;
    this.counters = counters;
    this.queues = queues;
  }

  /** The counters now. */
  byte[] json() {
    VolumeStats stats = volume.stats();
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("image", volume.name());
    report.put(OPTIONS, options);
    report.put(READ_ONLY, volume.readOnlyReason());
    report.put("uptime_seconds", (System.nanoTime() - startNanos) / NANOS_PER_SECOND);
    report.put("bytes_read", counters.bytesRead());
    report.put("bytes_written", counters.bytesWritten());
    report.set("requests", requests());
    report.set("queues", queues());
    report.set("device", device(stats));
    report.set("completions", completions(stats.completions()));
    report.set("journal", journal(stats.journal()));
    report.set("metadata_cache", cache(stats.cache()));
    report.put("inodes_in_memory", stats.inodes());
    report.put("inodes_looked_up", stats.inodesLookedUp());
    report.set("memory", memory());
    return report.toPrettyString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Tells the counters once the mount has ended.
   *
   * @param target a file, an empty string for standard error, or null for nowhere
   */
  void store(@Nullable String target) throws IOException {
    if (target == null) {
      return;
    }
    if (target.isEmpty()) {
      System.err.println(new String(json(), StandardCharsets.UTF_8));
    } else {
      Files.write(Path.of(target), json());
    }
  }

  /** By opcode; those that never came are left out. */
  private ObjectNode requests() {
    ObjectNode requests = JsonNodeFactory.instance.objectNode();
    for (FuseOpcode opcode : FuseOpcode.values()) {
      LatencyHistogram.Snapshot latency = counters.latency(opcode);
      if (latency.total() > 0) {
        ObjectNode one = requests.putObject(opcode.name());
        one.put("count", latency.total());
        one.put("failed", counters.failures(opcode));
        ObjectNode nanos = one.putObject("latency_nanos");
        nanos.put("p50", latency.nanos(0.5));
        nanos.put("p90", latency.nanos(0.9));
        nanos.put("p99", latency.nanos(0.99));
        nanos.put("p999", latency.nanos(0.999));
        nanos.put("max", latency.nanos(1));
      }
    }
    if (counters.unknown() > 0) {
      requests.putObject("unknown").put("count", counters.unknown());
    }
    return requests;
  }

  private ArrayNode queues() {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Queue queue : queues.now()) {
      all.addObject()
          .put("name", queue.name)
          .put("in_flight", queue.inFlight)
          .put("depth", queue.depth);
    }
    return all;
  }

  private ObjectNode device(VolumeStats stats) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("backend", volume.device().capabilities().backend())
        .put("in_flight", stats.deviceRequests());
  }

  private static ObjectNode completions(DeferredStats stats) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("inline", stats.inline());
    node.put("deferred", stats.deferred());
    node.put("conversion_batches", stats.batches());
    node.put("ranges_converted", stats.ranges());
    node.put("conversions_merged", Math.max(0, stats.deferred() - stats.ranges()));
    node.put("workers", stats.workers());
    return node;
  }

  private static ObjectNode journal(VolumeStats.Journal stats) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("commits", stats.commits());
    node.put("handles", stats.handles());
    node.put("handles_per_commit", ratio(stats.handles(), stats.commits()));
    node.put("blocks_committed", stats.blocksCommitted());
    node.put("checkpoints", stats.checkpoints());
    node.put("blocks_checkpointed", stats.blocksCheckpointed());
    node.put("log_blocks", stats.logBlocks());
    node.put("log_blocks_free", stats.logBlocksFree());
    return node;
  }

  private static ObjectNode cache(VolumeStats.Cache stats) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("hits", stats.hits());
    node.put("misses", stats.misses());
    node.put("hit_ratio", ratio(stats.hits(), stats.hits() + stats.misses()));
    node.put("evictions", stats.evictions());
    node.put("bytes", stats.bytes());
    node.put("limit_bytes", stats.limitBytes());
    return node;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static ObjectNode memory() {
    Runtime runtime = Runtime.getRuntime();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("heap_used_bytes", runtime.totalMemory() - runtime.freeMemory());
    node.put("heap_bytes", runtime.totalMemory());
    node.put("heap_limit_bytes", runtime.maxMemory());
    node.put("resident_bytes", residentBytes());
    return node;
  }

  /** 0 where the system does not say. */
  private static long residentBytes() {
    try {
      return PAGE_BYTES * Long.parseLong(Files.readString(MEMORY).split(" ", -1)[RESIDENT_FIELD]);
    } catch (IOException e) {
      return 0;
    }
  }
}
