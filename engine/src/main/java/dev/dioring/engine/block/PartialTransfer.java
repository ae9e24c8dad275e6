package dev.dioring.engine.block;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Carries out some sectors of a transfer, one by one, and then completes it. It moves on in the
 * completions of its sectors.
 */
final class PartialTransfer extends BlockRequest {
  private record Sector(long byteOffset, MemorySegment memory) {}

  private final FaultyBlockDevice device;
  private final BlockRequest original;
  private final List<Sector> sectors;
  private final int result;

  /** The next sector. Only the thread that starts it and then the completion thread use it. */
  private int at;

  private PartialTransfer(
      FaultyBlockDevice device, BlockRequest original, List<Sector> sectors, int result) {
    this.device = device;
    this.original = original;
    this.sectors = sectors;
    this.result = result;
  }

  /** A write of which any sectors but not all are done, in any order, and which fails. */
  static PartialTransfer torn(
      FaultyBlockDevice device, BlockRequest original, long seed, int errno) {
    List<Sector> sectors = sectors(device, original);
    Random random = new Random(seed);
    Collections.shuffle(sectors, random);
    int done = random.nextInt(Math.max(1, sectors.size()));
    return new PartialTransfer(device, original, sectors.subList(0, done), -errno);
  }

  /** A transfer that ends before its last sector or earlier. */
  static PartialTransfer shortened(FaultyBlockDevice device, BlockRequest original, long seed) {
    List<Sector> sectors = sectors(device, original);
    int done = new Random(seed).nextInt(Math.max(1, sectors.size()));
    int bytes = done * device.geometry().offsetAlignmentBytes();
    return new PartialTransfer(device, original, sectors.subList(0, done), bytes);
  }

  /** Begins; a transfer of no sectors still completes on the completion thread. */
  void start() {
    if (sectors.isEmpty()) {
      device.pass(read(0, MemorySegment.NULL));
    } else {
      next();
    }
  }

  private void next() {
    Sector sector = sectors.get(at++);
    if (original.op() == BlockOp.READ) {
      read(sector.byteOffset, sector.memory);
    } else if (original.fua()) {
      writeFua(sector.byteOffset, sector.memory);
    } else {
      write(sector.byteOffset, sector.memory);
    }
    device.pass(this);
  }

  @Override
  protected void completed(int outcome) {
    if (outcome < 0) {
      original.complete(outcome);
    } else if (at < sectors.size()) {
      next();
    } else {
      original.complete(result);
    }
  }

  private static List<Sector> sectors(FaultyBlockDevice device, BlockRequest request) {
    int sectorBytes = device.geometry().offsetAlignmentBytes();
    List<Sector> sectors = new ArrayList<>();
    long byteOffset = request.byteOffset();
    int segments = request.memory() != null ? 1 : request.vectorCount();
    for (int i = 0; i < segments; i++) {
      MemorySegment segment = MemoryBlockDevice.segment(request, i);
      for (long at = 0; at < segment.byteSize(); at += sectorBytes) {
        sectors.add(new Sector(byteOffset, segment.asSlice(at, sectorBytes)));
        byteOffset += sectorBytes;
      }
    }
    return sectors;
  }
}
