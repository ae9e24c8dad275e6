package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.Rename2In;
import dev.dioring.bindings.fuse.RenameIn;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Looking up, removing and renaming names. */
final class NameOperations {
  private final Ext4Volume volume;
  private final Dispatcher dispatcher;
  private final Ext4Namespace namespace;
  private final Attributes attributes;

  /** The first inode that is not the filesystem's own. */
  private final long firstInodeNr;

  NameOperations(Ext4Volume volume, Attributes attributes, Dispatcher dispatcher) {
    this.volume = volume;
    this.dispatcher = dispatcher;
    namespace = volume.namespace();
    this.attributes = attributes;
    firstInodeNr = volume.superblock().firstInode();
  }

  void register() {
    dispatcher
        .onLook(FuseOpcode.LOOKUP, this::lookup)
        .onLook(FuseOpcode.READLINK, this::readLink)
        .onChange(FuseOpcode.UNLINK, this::unlink)
        .onChange(FuseOpcode.RMDIR, this::removeDirectory)
        .onChange(FuseOpcode.RENAME, this::rename)
        .onChange(FuseOpcode.RENAME2, this::renameWithFlags);
  }

  private void lookup(Request request) throws IOException {
    request.arguments(0);
    byte[] name = request.name();
    if (name.length == 1 && name[0] == '.') {
      attributes.replyEntry(request, byNumber(request.inodeNr()));
      return;
    }
    InodeAttributes found = namespace.lookup(request.inodeNr(), name);
    if (found == null) {
      attributes.replyNoEntry(request);
    } else {
      attributes.replyEntry(request, found);
    }
  }

  /**
   * An inode of any kind that somebody has a handle of, a client of NFS for example, and the kernel
   * has forgotten. It may have been deleted long ago; the kernel compares the generation.
   */
  private InodeAttributes byNumber(long inodeNr) throws Ext4Exception {
    if (inodeNr < firstInodeNr && inodeNr != Ext4Inode.ROOT_NR) {
      throw stale(inodeNr);
    }
    try {
      return namespace.referIfThere(inodeNr);
    } catch (Ext4Exception e) {
      if (e.errno() == Errno.ENOENT) {
        throw stale(inodeNr);
      }
      throw e;
    }
  }

  private static Ext4Exception stale(long inodeNr) {
    return new Ext4Exception("a handle of inode " + inodeNr, Errno.ESTALE, "");
  }

  private void readLink(Request request) throws IOException {
    request.reply(namespace.readLink(request.inodeNr()));
  }

  private void unlink(Request request) throws IOException {
    request.arguments(0);
    namespace.unlink(request.inodeNr(), request.name());
    request.replyDone();
  }

  private void removeDirectory(Request request) throws IOException {
    request.arguments(0);
    namespace.removeDirectory(request.inodeNr(), request.name());
    request.replyDone();
  }

  private void rename(Request request) throws IOException {
    long at = request.arguments(RenameIn.BYTES);
    rename(request, RenameIn.newParent(request.memory(), at), 0);
  }

  private void renameWithFlags(Request request) throws IOException {
    long at = request.arguments(Rename2In.BYTES);
    MemorySegment memory = request.memory();
    rename(request, Rename2In.newParent(memory, at), Rename2In.flags(memory, at));
  }

  private void rename(Request request, long newParentNode, int flags) throws IOException {
    byte[] name = request.name();
    byte[] newName = request.name();
    long newParent = Nodes.inodeNr(newParentNode);
    if (volume.hasDelayedWrites() && !request.mayWait()) {
      // Content that waits may have to be written before its file replaces another.
      dispatcher.onThread(request, later -> rename(later, name, newParent, newName, flags));
    } else {
      rename(request, name, newParent, newName, flags);
    }
  }

  private void rename(Request request, byte[] name, long newParent, byte[] newName, int flags)
      throws IOException {
    namespace.rename(request.inodeNr(), name, newParent, newName, flags);
    request.replyDone();
  }
}
