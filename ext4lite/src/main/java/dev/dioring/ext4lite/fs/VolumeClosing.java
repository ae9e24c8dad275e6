package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Journal;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a volume: nothing is in flight, all is stored, and what it was made of is closed. */
final class VolumeClosing {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeClosing.class);

  private final FileServices files;
  private final ChangeContext changes;
  private final GroupBitmaps bitmaps;
  private final SuperblockWriter superblock;
  private final @Nullable MountClaim claim;
  private final Arena arena;
  private final ExternalJournal externalJournal;
  private final @Nullable ImageLock imageLock;

  VolumeClosing(
      FileServices files,
      ChangeContext changes,
      GroupBitmaps bitmaps,
      SuperblockWriter superblock,
      @Nullable MountClaim claim,
      Arena arena,
      ExternalJournal externalJournal,
      @Nullable ImageLock imageLock) {
    this.files = files;
    this.changes = changes;
    this.bitmaps = bitmaps;
    this.superblock = superblock;
    this.claim = claim;
    this.arena = arena;
    this.externalJournal = externalJournal;
    this.imageLock = imageLock;
  }

  /** Closes the volume, once. */
  void run() throws IOException {
    try {
      settle();
      storeSuperblock();
    } finally {
      changes.blocks().quotas().close();
      bitmaps.close();
      if (claim != null) {
        claim.close();
      }
      files.device().close();
      files.engine().close();
      changes.reader().context().cache().close();
      arena.close();
      externalJournal.close();
      if (imageLock != null) {
        imageLock.close();
      }
    }
  }

  private void settle() throws IOException {
    Writeback writeback = files.writeback();
    if (writeback != null) {
      writeback.close();
    }
    files.deferred().awaitSubmissions();
    changes.inodes().drain();
    files.deferred().close();
    try {
      changes.inodes().residents().evictAll();
    } finally {
      closeJournal();
    }
  }

  private void closeJournal() throws IOException {
    files.errors().settle();
    try {
      changes.reader().context().journal().close();
    } catch (VolumeShutDownException e) {
      LOG.debug("{}; what was changed since then is not stored", e.getMessage());
    }
  }

  private void storeSuperblock() throws IOException {
    Journal journal = changes.reader().context().journal();
    // After a failure the superblock has a record of it, and must stay as it is.
    if (changes.readOnlyReason().isEmpty() && journal.abortErrno() == 0) {
      superblock.closed(
          changes.blocks().space().freeBlocks(),
          changes.inodeNumbers().freeInodes(),
          changes.orphans().hasFileEntries());
    }
  }
}
