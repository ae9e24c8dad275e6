package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.PowerCut;
import dev.dioring.engine.block.RecordedRequest;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A workload that ran on a recorded device.
 *
 * @param initial the image it began with
 * @param oracles what each file may hold at any moment
 */
@SuppressWarnings("ArrayRecordComponent") // data, never compared
record Recorded(
    byte[] initial,
    List<RecordedRequest> log,
    int events,
    List<Oracle> oracles,
    boolean journaled,
    int blockBytes) {
  private static final int IMAGE_BYTES = 10 << 20;

  /** Its checksum covers two sectors: no ext4 survives half a superblock. */
  private static final int SUPERBLOCK_END_BYTES = 2048;

  private static final byte STALE = (byte) 0xa5;

  /** Runs the workload on a new image whose free space holds old bytes. */
  static Recorded run(Path directory, String options, long seed) throws Exception {
    return run(directory, options, seed, UnaryOperator.identity());
  }

  /**
   * The same with something between the filesystem and the recorded device.
   *
   * @param between makes it of the recorded device
   */
  static Recorded run(Path directory, String options, long seed, UnaryOperator<BlockDevice> between)
      throws Exception {
    byte[] initial = image(directory, options);
    int blockBytes = 1024;
    MemoryBlockDevice memory = new MemoryBlockDevice("crash", initial.length, true, true);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    RecordingBlockDevice device = new RecordingBlockDevice(memory);
    Workload workload = new Workload(seed, blockBytes, device::events);
    boolean journaled;
    try (Ext4Volume volume = Ext4Volume.open(between.apply(device), VolumeOptions.READ_WRITE)) {
      if (!volume.isWritable()) {
        throw new IOException(volume.readOnlyReason());
      }
      journaled = !options.contains("^has_journal");
      workload.run(volume);
    }
    return new Recorded(
        initial, device.log(), device.events(), workload.oracles(), journaled, blockBytes);
  }

  /** The states to check; without a journal a filesystem relies on blocks that are whole. */
  PowerCut cuts(long seed) {
    int tearBytes = journaled ? Stamp.SECTOR_BYTES : blockBytes;
    return new PowerCut(log, events, tearBytes, SUPERBLOCK_END_BYTES, seed);
  }

  /** A state of the disk, and what is lawful in it. */
  CrashState state(PowerCut.State cut) {
    CrashState.Content content =
        new CrashState.Content() {
          @Override
          public long lengthBytes() {
            return initial.length;
          }

          @Override
          public void copyTo(MemorySegment target) {
            target.copyFrom(MemorySegment.ofArray(initial));
            cut.applyTo(target);
          }
        };
    return new CrashState(cut.toString(), cut.cut(), journaled, oracles, content);
  }

  private static byte[] image(Path directory, String options) throws Exception {
    Path file = directory.resolve("initial.img");
    byte[] pattern = new byte[IMAGE_BYTES];
    Arrays.fill(pattern, STALE);
    Files.write(file, pattern);
    Path content = directory.resolve("content");
    Files.createDirectories(content);
    for (int i = 0; i < Workload.FILES; i++) {
      Path empty = content.resolve(Workload.path(i).substring(1));
      Files.deleteIfExists(empty);
      Files.createFile(empty);
    }
    String[] all = ("-b 1024 -E nodiscard " + options).split(" ", -1);
    byte[] image = Ext4Image.populated(file, "10M", content, all).bytes();
    Files.delete(file);
    return image;
  }
}
