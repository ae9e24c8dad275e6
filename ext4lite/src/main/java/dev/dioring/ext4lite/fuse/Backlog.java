package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.Ext4Volume;

/** What requests may have to wait for. */
interface Backlog {
  /** Whether a change would have to wait for the journal now. */
  boolean changesWait();

  /** Whether content is in memory, which was promised as much space as it may take at most. */
  boolean hasDelayedWrites();

  /** Writes that content. Parks. */
  void writeDelayed();

  static Backlog of(Ext4Volume volume) {
    return new Backlog() {
      @Override
      public boolean changesWait() {
        return !volume.admitsChanges();
      }

      @Override
      public boolean hasDelayedWrites() {
        return volume.hasDelayedWrites();
      }

      @Override
      public void writeDelayed() {
        volume.writeDelayed();
      }
    };
  }
}
