package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/** Makes inodes: allocates them and fills in what they inherit from their directory. */
final class InodeCreation {
  private static final int SET_GID = 02000;

  private static final int INHERITED =
      Inode.FLAG_SECURE_DELETION
          | Inode.FLAG_UNDELETABLE
          | Inode.FLAG_COMPRESSED
          | Inode.FLAG_SYNC
          | Inode.FLAG_NODUMP
          | Inode.FLAG_NOATIME
          | Inode.FLAG_UNCOMPRESSED
          | Inode.FLAG_JOURNAL_DATA
          | Inode.FLAG_NOTAIL
          | Inode.FLAG_DIRSYNC
          | Inode.FLAG_PROJINHERIT
          | Inode.FLAG_CASEFOLD
          | Inode.FLAG_DAX;

  private static final int NOT_FOR_REGULAR =
      Inode.FLAG_DIRSYNC | Inode.FLAG_TOPDIR | Inode.FLAG_PROJINHERIT | Inode.FLAG_CASEFOLD;

  private final ChangeContext context;
  private final Superblock superblock;
  private final XattrChanges attributes;

  InodeCreation(ChangeContext context) {
    this.context = context;
    attributes = new XattrChanges(context);
    superblock = context.reader().context().superblock();
  }

  /**
   * Makes an inode without a name, referred to by the caller.
   *
   * @throws NoSpaceException if all are in use; nothing was changed then
   */
  LiveInode make(Handle handle, LiveInode parent, NewInode spec, int links) throws IOException {
    FileKind kind = Objects.requireNonNull(FileKind.ofMode(spec.mode()), "checked by the caller");
    boolean directory = kind == FileKind.DIRECTORY;
    boolean spread = parent.inodeNr() == Ext4Inode.ROOT_NR || parent.inode().has(Inode.FLAG_TOPDIR);
    boolean masked = spec.umask() != 0 && !attributes.hasDefaults(parent);
    InodeBlock block = context.inodeNumbers().allocate(handle, parent.inodeNr(), directory, spread);
    Inode inode = block.inode();
    inherit(inode, parent, masked ? spec.mode() & ~spec.umask() : spec.mode(), spec, directory);
    inode.uid(spec.uid());
    inode.linksCount(links);
    inode.generation(ThreadLocalRandom.current().nextInt());
    inode.flags(flags(parent.inode().flags(), kind));
    if (inode.has(Inode.FLAG_EXTENTS)) {
      ExtentNode.header(
          inode.memory(),
          inode.byteOffset() + Inode.BLOCK_OFFSET,
          0,
          ExtentNode.ROOT_ENTRIES_MAX,
          0,
          0);
    }
    if (kind == FileKind.CHARACTER_DEVICE || kind == FileKind.BLOCK_DEVICE) {
      inode.device(spec.deviceMajor(), spec.deviceMinor());
    }
    stampAll(inode);
    requireQuota(handle, block, directory);
    block.changed(handle);
    context.blocks().quotas().chargeInode(handle, context.blocks(), block, 1);
    return context.inodes().insert(block);
  }

  /** Takes the inode back if its owners have too many. */
  private void requireQuota(Handle handle, InodeBlock made, boolean directory) throws IOException {
    try {
      context.blocks().quotas().require(made.inode(), 0, 1);
    } catch (IOException e) {
      made.inode().linksCount(0);
      made.inode().deletionTime(context.clock().instant().getEpochSecond());
      made.changed(handle);
      made.buffer().close();
      context.inodeNumbers().free(handle, made.inodeNr(), directory);
      throw e;
    }
  }

  /** Undoes {@link #make} through the same handle. */
  void undo(Handle handle, LiveInode made) throws IOException {
    context.change(
        handle,
        made,
        inode -> {
          inode.linksCount(0);
          inode.deletionTime(context.clock().instant().getEpochSecond());
        });
    context.blocks().quotas().chargeInode(handle, context.blocks(), made.block(), -1);
    context.inodes().residents().discard(made);
    context.inodeNumbers().free(handle, made.inodeNr(), made.isDirectory());
  }

  private void inherit(Inode inode, LiveInode from, int mode, NewInode spec, boolean directory) {
    Inode parent = from.inode();
    if (inode.recordBytes() > Inode.BASE_BYTES) {
      inode.extraBytes(ExtraFields.wantedBytes(superblock, inode.recordBytes()));
    }
    // With grpid the group is passed on, and the bit is not.
    boolean always = context.rules().groupOfDirectory();
    boolean setGid = !always && (parent.mode() & SET_GID) != 0;
    inode.mode(setGid && directory ? mode | SET_GID : mode);
    inode.gid(setGid || always ? parent.gid() : spec.gid());
    if (superblock.has(Feature.PROJECT) && parent.has(Inode.FLAG_PROJINHERIT)) {
      inode.projectId(parent.projectId());
    }
  }

  private int flags(int parentFlags, FileKind kind) {
    int flags = parentFlags & INHERITED;
    boolean mapped = kind == FileKind.REGULAR || kind == FileKind.DIRECTORY;
    if (kind == FileKind.REGULAR) {
      flags &= ~NOT_FOR_REGULAR;
    } else if (kind != FileKind.DIRECTORY) {
      flags &= Inode.FLAG_NODUMP | Inode.FLAG_NOATIME;
    }
    return mapped && superblock.has(Feature.EXTENTS) ? flags | Inode.FLAG_EXTENTS : flags;
  }

  private void stampAll(Inode inode) {
    Instant now = context.clock().instant();
    for (InodeStamp stamp : InodeStamp.values()) {
      inode.time(stamp, now.getEpochSecond(), now.getNano());
    }
  }
}
