package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import java.util.concurrent.locks.StampedLock;

/**
 * The block map of a regular file in use. A write into a hole gets blocks that are only claimed:
 * they show as unwritten here, and enter the map when their data is on disk, so that no crash shows
 * what they held before.
 */
final class ClaimedMap implements FileMap, HoleFiller {
  private static final int OPTIMISTIC_TRIES = 4;

  /** The bitmap and descriptor of a group that was not initialised. */
  private static final int CREDITS = 3;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final IndirectMap map;
  private final StampedLock lock;
  private final BlockClaims claims;
  private final BlockAllocator allocator;

  ClaimedMap(
      VolumeContext volume,
      InodeBlock owner,
      StampedLock lock,
      BlockClaims claims,
      BlockAllocator allocator) {
    this.volume = volume;
    this.owner = owner;
    this.lock = lock;
    this.claims = claims;
    this.allocator = allocator;
    map = new IndirectMap(volume, owner.inode(), owner.inodeNr());
  }

  @Override
  public int tryLookUp(long fileBlockNr, ExtentRun run) {
    for (int i = 0; i < OPTIMISTIC_TRIES; i++) {
      long stamp = lock.tryOptimisticRead();
      if (stamp == 0) {
        continue;
      }
      int result = map.tryLookUp(fileBlockNr, run);
      boolean claimed = claims.any();
      if (lock.validate(stamp)) {
        // The claims themselves can be looked at under the lock only.
        return run.state == ExtentRun.State.HOLE && claimed ? -Errno.EAGAIN : result;
      }
    }
    return -Errno.EAGAIN;
  }

  @Override
  public void lookUp(long fileBlockNr, ExtentRun run) throws IOException {
    long stamp = lock.readLock();
    try {
      lookUpLocked(fileBlockNr, run);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  @Override
  public boolean hasClaims() {
    return claims.any();
  }

  @Override
  public void giveUp() {
    long stamp = lock.writeLock();
    try {
      for (BlockClaims.Claim claim = claims.poll(); claim != null; claim = claims.poll()) {
        allocator.unclaim(claim.blockNr(), claim.lengthBlocks());
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void lookUpLocked(long fileBlockNr, ExtentRun run) throws IOException {
    map.lookUp(fileBlockNr, run);
    if (run.state != ExtentRun.State.HOLE) {
      return;
    }
    BlockClaims.Claim claim = claims.find(fileBlockNr);
    if (claim != null) {
      run.set(
          ExtentRun.State.UNWRITTEN, claim.fileBlockNr(), claim.lengthBlocks(), claim.blockNr());
    } else {
      long end = Math.min(run.endFileBlockNr(), claims.nextStart(fileBlockNr));
      run.set(ExtentRun.State.HOLE, fileBlockNr, end - fileBlockNr, 0);
    }
  }

  @Override
  public Journal journal() {
    return volume.journal();
  }

  @Override
  public long fillNext(long at, long end) throws IOException {
    try (Handle handle = volume.journal().start(CREDITS)) {
      long stamp = lock.writeLock();
      try {
        ExtentRun run = new ExtentRun();
        lookUpLocked(at, run);
        if (run.state != ExtentRun.State.HOLE) {
          return run.endFileBlockNr();
        }
        int wanted = (int) Math.min(Math.min(end, run.endFileBlockNr()) - at, Integer.MAX_VALUE);
        allocator.requireQuota(owner, wanted);
        BlockAllocator.Run blocks =
            allocator.claim(handle, goal(at), wanted, BlockMap.BLOCK_NR_MAX + 1);
        claims.add(at, blocks.blockNr(), blocks.lengthBlocks());
        return at + blocks.lengthBlocks();
      } finally {
        lock.unlockWrite(stamp);
      }
    }
  }

  private long goal(long fileBlockNr) throws IOException {
    if (fileBlockNr > 0) {
      ExtentRun before = new ExtentRun();
      lookUpLocked(fileBlockNr - 1, before);
      if (before.state != ExtentRun.State.HOLE) {
        return before.startBlockNr + before.lengthBlocks;
      }
    }
    return allocator.goalFor(owner.inodeNr());
  }
}
