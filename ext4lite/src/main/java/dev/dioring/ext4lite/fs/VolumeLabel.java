package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.SuperblockBlock;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.format.SuperblockCheck;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The label of a volume, which its superblock has, and every copy of that. */
public final class VolumeLabel {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeLabel.class);

  private final String volume;
  private final VolumeContext context;
  private final BlockAllocator allocator;

  /** Held while one label is stored, before any handle: its copies are all of the same one. */
  private final ReentrantLock storing = new ReentrantLock();

  VolumeLabel(String volume, VolumeContext context, BlockAllocator allocator) {
    this.volume = volume;
    this.context = context;
    this.allocator = allocator;
  }

  /** The label, filled up with zeroes. */
  public byte[] get() {
    return context.superblock().volumeNameBytes();
  }

  /**
   * Stores another one, durably. Copies of the superblock that are damaged are left as they are.
   *
   * @throws Ext4Exception EINVAL if it is too long, EROFS, EIO
   */
  public void set(byte[] label) throws Ext4Exception {
    String what = "labelling " + volume;
    if (label.length > Superblock.VOLUME_NAME_BYTES) {
      throw new Ext4Exception(
          what,
          Errno.EINVAL,
          "a label has no more than " + Superblock.VOLUME_NAME_BYTES + " bytes");
    }
    storing.lock();
    try {
      try (Handle handle = context.journal().start(1)) {
        allocator.changeSuperblock(handle, superblock -> superblock.volumeName(label));
        if (context.journal().isAtomic()) {
          handle.atCommit(() -> show(label));
        }
      }
      BlockGroups groups = context.groups();
      for (long groupNr = 1; groupNr < groups.groupsCount(); groupNr++) {
        if (groups.hasSuperblock(groupNr)) {
          storeInCopy(groups.firstBlockNr(groupNr), label);
        }
      }
      context.journal().commit();
    } catch (IOException e) {
      throw Failures.explain(what, e);
    } finally {
      storing.unlock();
    }
  }

  /** Programs that look at the device know nothing of what is in the log only. */
  private void show(byte[] label) {
    try {
      SuperblockBlock.change(context.cache().io(), onDisk -> onDisk.volumeName(label));
    } catch (BlockIoException e) {
      LOG.warn("{}: its label is in the log alone for now: {}", volume, e.getMessage());
    }
  }

  private void storeInCopy(long blockNr, byte[] label) throws IOException {
    try (MetadataBuffer buffer = context.cache().get(blockNr)) {
      Superblock copy = new Superblock(buffer.data(), 0);
      try {
        SuperblockCheck.check(copy, "the copy of the superblock in block " + blockNr);
      } catch (CorruptStructureException e) {
        LOG.warn("{}: it does not get the label: {}", volume, e.getMessage());
        return;
      }
      try (Handle handle = context.journal().start(1)) {
        handle.access(buffer);
        copy.volumeName(label);
        copy.updateChecksum();
        handle.dirty(buffer);
      }
    }
  }
}
