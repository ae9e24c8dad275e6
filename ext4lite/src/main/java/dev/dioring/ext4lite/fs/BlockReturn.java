package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** Gives back the one block of an inode that was made through the same handle and is undone. */
final class BlockReturn {
  private final ChangeContext context;
  private final LiveInode made;

  BlockReturn(ChangeContext context, LiveInode made) {
    this.context = context;
    this.made = made;
  }

  void run(Handle handle) throws IOException {
    long stamp = made.fieldLock().writeLock();
    try {
      if (Truncate.hasBlocks(made.inode())) {
        long next =
            MapWriter.of(context.reader().context(), made.block(), made.tree(), context.blocks())
                .remove(handle, 0, 1);
        assert next > 0 : "one call takes one block";
      }
    } finally {
      made.fieldLock().unlockWrite(stamp);
    }
  }
}
