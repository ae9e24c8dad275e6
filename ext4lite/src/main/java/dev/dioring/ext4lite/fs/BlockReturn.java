package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
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
      ExtentRun run = new ExtentRun();
      if (!made.inode().has(Inode.FLAG_EXTENTS)) {
        return;
      }
      made.tree().lookUpLocked(0, run);
      if (run.state != ExtentRun.State.HOLE) {
        new ExtentWriter(context.reader().context(), made.block(), made.tree(), context.blocks())
            .remove(handle, 0, 1);
      }
    } finally {
      made.fieldLock().unlockWrite(stamp);
    }
  }
}
