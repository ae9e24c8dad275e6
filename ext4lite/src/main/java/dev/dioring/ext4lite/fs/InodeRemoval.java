package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.LargeChangeException;
import java.io.IOException;

/** Deletes inodes that have no name and are in use by nobody. */
final class InodeRemoval {
  /** Inode, superblock, the neighbour in the orphan list, bitmap, descriptor; attributes. */
  private static final int CREDITS = 12;

  private final ChangeContext context;
  private final XattrChanges attributes;

  InodeRemoval(ChangeContext context) {
    this.context = context;
    attributes = new XattrChanges(context);
  }

  /**
   * Makes sure that the journal is large enough to delete an inode that loses a name: each value of
   * its attributes may be an inode.
   *
   * @throws LargeChangeException before anything was changed
   */
  static void requireRoom(ChangeContext context, LiveInode victim) throws IOException {
    if (context.reader().has(Feature.EA_INODE)) {
      context.start(CREDITS + new XattrChanges(context).releaseCredits(victim)).close();
    }
  }

  /** Frees the blocks of an inode, then the inode. Nobody else uses it any more. */
  void delete(LiveInode live) throws IOException {
    if (Truncate.hasBlocks(live.inode())) {
      new Truncate(context.reader().context(), live.block(), live.tree(), context.blocks()).run(0);
    }
    long seconds = context.clock().instant().getEpochSecond();
    try (ValueInodes values = new ValueInodes(context)) {
      delete(live, values, seconds);
    }
  }

  private void delete(LiveInode live, ValueInodes values, long seconds) throws IOException {
    boolean directory = live.isDirectory();
    try (Handle handle = context.start(CREDITS + attributes.releaseCredits(live))) {
      attributes.release(handle, live, values);
      context.orphans().remove(handle, live);
      context.change(
          handle,
          live,
          inode -> {
            inode.size(0);
            inode.deletionTime(seconds);
          });
      context.blocks().quotas().chargeInode(handle, context.blocks(), live.block(), -1);
      context.inodes().residents().forgetDeleted(live);
      context.inodeNumbers().free(handle, live.inodeNr(), directory);
    }
  }
}
