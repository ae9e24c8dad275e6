package dev.dioring.ext4lite.fs;

import java.io.IOException;

/**
 * A file that replaces another must have its content before it has the name: who writes a new
 * version and renames it expects to find one or the other after a crash.
 */
final class ContentBeforeName {
  private final ChangeContext context;
  private final InodeOperations operations;

  ContentBeforeName(ChangeContext context, InodeOperations operations) {
    this.context = context;
    this.operations = operations;
  }

  /** Writes what is delayed of the file that is renamed, if it replaces another. */
  void write(LiveInode parent, byte[] name, LiveInode newParent, byte[] newName)
      throws IOException {
    Writeback writeback = context.writeback();
    if (writeback == null || !writeback.isPending()) {
      return;
    }
    LiveInode moved = operations.find(parent, name);
    if (moved == null) {
      return;
    }
    try {
      RegularFile file = moved.file();
      if (file != null && file.hasDelayed() && exists(newParent, newName)) {
        file.flushDelayed();
      }
    } finally {
      context.inodes().release(moved);
    }
  }

  private boolean exists(LiveInode parent, byte[] name) throws IOException {
    LiveInode found = operations.find(parent, name);
    if (found != null) {
      context.inodes().release(found);
    }
    return found != null;
  }
}
