package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;

/** Fills holes of a file with unwritten extents. */
final class Preallocation implements HoleFiller {
  /** A file that grows keeps as much free behind it as it has already, up to this. */
  private static final int AHEAD_BLOCKS_MAX = 2048;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final ExtentTree tree;
  private final ExtentWriter writer;
  private final BlockAllocator allocator;
  private final SharedClusters clusters;

  /** What is kept free behind the file while it grows; used under the tree's lock. */
  private final AllocationWindow window = new AllocationWindow();

  /** Whether the window may be open. Written under the tree's lock, read anywhere. */
  private volatile boolean windowOpen;

  Preallocation(
      VolumeContext volume,
      InodeBlock owner,
      ExtentTree tree,
      ExtentWriter writer,
      BlockAllocator allocator) {
    this.volume = volume;
    this.owner = owner;
    this.tree = tree;
    this.writer = writer;
    this.allocator = allocator;
    clusters = new SharedClusters(volume.groups(), tree);
  }

  @Override
  public void mayUseReserved(boolean may) {
    if (window.mayUseReserved() != may) {
      window.mayUseReserved(may);
    }
  }

  @Override
  public void usePromise(long blocks) {
    allocator.space().usePromise(window, blocks);
  }

  @Override
  public void endPromise() {
    allocator.space().endPromise(window);
  }

  @Override
  public boolean hasClaims() {
    return windowOpen;
  }

  @Override
  public void giveUp() {
    allocator.shut(window);
    windowOpen = false;
  }

  @Override
  public Journal journal() {
    return volume.journal();
  }

  /** An extent per handle; what was allocated stays so, as unwritten extents. */
  @Override
  public long fillNext(long at, long end) throws IOException {
    try (Handle handle = volume.journal().start(writer.changeCredits())) {
      handle.access(owner.buffer());
      long stamp = tree.lock().writeLock();
      try {
        return fillOne(handle, at, end, new ExtentRun());
      } finally {
        tree.lock().unlockWrite(stamp);
      }
    }
  }

  private long fillOne(Handle handle, long at, long end, ExtentRun run) throws IOException {
    tree.lookUpLocked(at, run);
    if (run.state != ExtentRun.State.HOLE) {
      return run.endFileBlockNr();
    }
    long ownGoal = allocator.goalFor(owner.inodeNr());
    long goal = ownGoal;
    if (at > 0) {
      ExtentRun before = new ExtentRun();
      tree.lookUpLocked(at - 1, before);
      if (before.state != ExtentRun.State.HOLE) {
        goal = before.startBlockNr + before.lengthBlocks;
      }
    }
    long given = clusters.place(at);
    long holeEnd = Math.min(end, run.endFileBlockNr());
    if (given != 0) {
      int length = (int) (Math.min(holeEnd, clusters.floor(at) + clusters.ratio()) - at);
      writer.insert(handle, at, length, given, true);
      owner.changed(handle);
      return at + length;
    }
    holeEnd = Math.min(holeEnd, clusters.floor(run.endFileBlockNr()));
    int offset = clusters.offset(at);
    int wanted = (int) Math.min(holeEnd - at, ExtentNode.UNWRITTEN_BLOCKS_MAX - offset);
    goal = clusters.ceiling(goal);
    allocator.requireQuota(owner, wanted);
    int ahead = at == 0 || goal == ownGoal ? 0 : (int) Math.min(at, AHEAD_BLOCKS_MAX);
    windowOpen = windowOpen || ahead > 0;
    BlockAllocator.Run blocks = allocator.allocate(handle, goal, offset + wanted, window, ahead);
    int length = Math.min(wanted, blocks.lengthBlocks() - offset);
    try {
      writer.insert(handle, at, length, blocks.blockNr() + offset, true);
    } catch (IOException e) {
      allocator.freeUnused(handle, blocks.blockNr(), blocks.lengthBlocks());
      throw e;
    }
    allocator.charge(handle, owner, blocks.lengthBlocks() / clusters.ratio());
    owner.changed(handle);
    return at + length;
  }
}
