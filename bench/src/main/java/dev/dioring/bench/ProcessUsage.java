package dev.dioring.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process has used, all its threads together: the JIT compiler's and the garbage
 * collector's work counts too.
 *
 * @param cpuNanos user and system time
 * @param userMillis user time, in the kernel's ticks of 10 ms
 * @param systemMillis system time, likewise
 * @param allocatedBytes Java heap allocated
 * @param collections garbage collections
 * @param contextSwitches of the threads that live, voluntary or not
 */
record ProcessUsage(
    long cpuNanos,
    long userMillis,
    long systemMillis,
    long allocatedBytes,
    long collections,
    long contextSwitches,
    long minorFaults,
    long majorFaults) {
  private static final int TICK_MILLIS = 10;
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  static ProcessUsage now() {
    // Fields of /proc/self/stat behind the name, which is in brackets and may hold spaces.
    String[] stat = {};
    try {
      String line = Files.readString(Path.of("/proc/self/stat"));
      stat = line.substring(line.lastIndexOf(')') + 2).split(" ");
    } catch (IOException e) {
      // Without /proc those fields are 0.
    }
    long collections = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += Math.max(0, collector.getCollectionCount());
    }
    return new ProcessUsage(
        SYSTEM.getProcessCpuTime(),
        field(stat, 11) * TICK_MILLIS,
        field(stat, 12) * TICK_MILLIS,
        THREADS.getTotalThreadAllocatedBytes(),
        collections,
        switches(),
        field(stat, 7),
        field(stat, 9));
  }

  ProcessUsage since(ProcessUsage before) {
    return new ProcessUsage(
        cpuNanos - before.cpuNanos,
        userMillis - before.userMillis,
        systemMillis - before.systemMillis,
        allocatedBytes - before.allocatedBytes,
        collections - before.collections,
        Math.max(0, contextSwitches - before.contextSwitches),
        minorFaults - before.minorFaults,
        majorFaults - before.majorFaults);
  }

  private static long field(String[] stat, int index) {
    return index < stat.length ? Long.parseLong(stat[index]) : 0;
  }

  private static long switches() {
    long sum = 0;
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : (Iterable<Path>) tasks::iterator) {
        sum += switches(task.resolve("status"));
      }
    } catch (IOException e) {
      return sum;
    }
    return sum;
  }

  private static long switches(Path status) {
    try {
      List<String> lines = Files.readAllLines(status);
      return lines.stream()
          .filter(line -> line.contains("ctxt_switches:"))
          .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
          .sum();
    } catch (IOException e) {
      // The thread has ended since it was listed.
      return 0;
    }
  }
}
