package dev.dioring.bench;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.block.Registration;
import dev.dioring.engine.ring.RingOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Lays out the files that a job needs, and opens them. */
final class Medium {
  private static final int CHUNK_BYTES = 1 << 20;

  /** Enters without waiting before a poller sleeps, where a core is spare and latency is all. */
  private static final int SPINS_AT_DEPTH_ONE = 200;

  private static final int SPINS = 20;

  private Medium() {}

  /** Makes a missing file, and extends one that is written and too short, as fio does. */
  static void layOut(JobSpec spec, int jobNumber) throws BenchException {
    if (spec.engine() == EngineKind.EXT4) {
      return;
    }
    Path path = Path.of(spec.filename(jobNumber));
    boolean exists = Files.exists(path);
    if (!exists && spec.size() == 0) {
      throw new BenchException(
          BenchException.NO_INPUT, path + " does not exist; give a --size to make it");
    }
    if (exists && !(Files.isRegularFile(path) && spec.pattern().writes)) {
      return;
    }
    long end = spec.offset() + spec.size();
    requireSpace(path, exists, end);
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment chunk = arena.allocate(CHUNK_BYTES);
      BlockStamp.fill(chunk, spec.randseed() + jobNumber);
      for (long at = channel.size(); at < end; ) {
        ByteBuffer content = chunk.asByteBuffer();
        content.limit((int) Math.min(CHUNK_BYTES, end - at));
        at += channel.write(content, at);
      }
      channel.force(true);
    } catch (IOException e) {
      String message = "laying out " + path + ": " + e.getMessage();
      throw new BenchException(BenchException.CANNOT_CREATE, message, e);
    }
  }

  /** What does not fit is refused before the file system is filled with it. */
  private static void requireSpace(Path path, boolean exists, long end) throws BenchException {
    try {
      Path directory = path.toAbsolutePath().getParent();
      long more = end - (exists ? Files.size(path) : 0);
      long room =
          Files.getFileStore(exists || directory == null ? path : directory).getUsableSpace();
      if (end < 0 || more > room) {
        throw new BenchException(
            BenchException.CANNOT_CREATE,
            "no space for " + path + ": it needs " + more + " bytes more, and there are " + room);
      }
    } catch (NoSuchFileException e) {
      throw new BenchException(
          BenchException.CANNOT_CREATE, "laying out " + path + ": there is no such directory", e);
    } catch (IOException e) {
      throw new BenchException(
          BenchException.CANNOT_CREATE, "laying out " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens what a job needs.
   *
   * @param images of the run, which closes them
   */
  static Target open(JobSpec spec, int jobNumber, OpenImages images) throws BenchException {
    boolean virtual = spec.submit() == SubmitMode.VTHREAD;
    return switch (spec.engine()) {
      case FILECHANNEL -> new BlockingTarget(new FileChannelCalls(spec, jobNumber), virtual);
      case EXT4 -> {
        Ext4Medium medium = Ext4Medium.open(spec, jobNumber, images);
        yield switch (spec.submit()) {
          case CALLBACK -> new Ext4Target(medium);
          case FUTURE -> new FutureTarget(new Ext4Calls(medium));
          case THREAD, VTHREAD -> new BlockingTarget(new Ext4Calls(medium), virtual);
        };
      }
      case URING, SYNC -> {
        BlockDevice device = device(spec, Path.of(spec.filename(jobNumber)));
        yield switch (spec.submit()) {
          case CALLBACK -> new DeviceTarget(device);
          case FUTURE -> new FutureTarget(new DeviceCalls(device));
          case THREAD, VTHREAD -> new BlockingTarget(new DeviceCalls(device), virtual);
        };
      }
    };
  }

  private static BlockDevice device(JobSpec spec, Path path) throws BenchException {
    OpenOptions options =
        OpenOptions.DEFAULT
            .withReadOnly(!spec.pattern().writes)
            .withBuffered(!spec.direct())
            .withBackend(
                spec.engine() == EngineKind.URING
                    ? OpenOptions.Backend.URING
                    : OpenOptions.Backend.SYNC)
            .withRing(ring(spec, spec.iodepth()))
            .withRegistration(registration(spec))
            .withBuffers(spec.bs(), spec.iodepth());
    try {
      return BlockDevices.open(path, options);
    } catch (BlockIoException e) {
      throw Failures.opening(path, e);
    }
  }

  static Registration registration(JobSpec spec) {
    return Registration.of(spec.registerfiles(), spec.fixedbufs());
  }

  static RingOptions ring(JobSpec spec, int depth) {
    return RingOptions.of(depth)
        .withSqPoll(spec.sqPoll())
        .withIoPoll(spec.ioPoll())
        .withSpins(depth == 1 ? SPINS_AT_DEPTH_ONE : SPINS);
  }

  /** Bytes that a job uses of an open medium, after checking that they are there. */
  static long usedBytes(JobSpec spec, Target target, int jobNumber) throws BenchException {
    String name = spec.filename(jobNumber);
    long room = target.sizeBytes() - spec.offset();
    long used = spec.sizePercent() != 0 ? room / 100 * spec.sizePercent() : spec.size();
    if (used == 0) {
      used = room;
    }
    boolean grows =
        spec.engine() == EngineKind.EXT4 && !spec.pattern().reads && spec.sizePercent() == 0;
    if (used > room && !grows) {
      throw new BenchException(
          BenchException.DATA_ERROR,
          name
              + " holds "
              + target.sizeBytes()
              + " bytes, too few for --offset="
              + spec.offset()
              + " and --size="
              + used);
    }
    if (used < spec.bs()) {
      throw new BenchException(
          BenchException.DATA_ERROR, name + " has no room for a block of " + spec.bs() + " bytes");
    }
    int alignment = target.alignmentBytes();
    if (spec.bs() % alignment != 0 || spec.offset() % alignment != 0) {
      throw new BenchException(
          BenchException.USAGE,
          "--bs and --offset must be multiples of " + alignment + " bytes for " + name);
    }
    return used;
  }
}
