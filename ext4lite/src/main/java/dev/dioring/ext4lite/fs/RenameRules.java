package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which renames are refused. The directories that the names lie in are locked. */
final class RenameRules {
  private final ChangeContext context;
  private final RenameRequest request;
  private final Set<Long> aboveFrom;
  private final Set<Long> aboveTo;

  /**
   * The rules for one rename.
   *
   * @param aboveFrom where it goes between directories, the old one and all above it
   * @param aboveTo the new one and all above it
   */
  RenameRules(
      ChangeContext context, RenameRequest request, Set<Long> aboveFrom, Set<Long> aboveTo) {
    this.context = context;
    this.request = request;
    this.aboveFrom = aboveFrom;
    this.aboveTo = aboveTo;
  }

  /**
   * Refuses what is not possible.
   *
   * @param moved what has the old name
   * @param replaced what has the new name, if there is anything
   */
  void requirePossible(LiveInode moved, @Nullable LiveInode replaced) throws IOException {
    boolean exchange = request.exchanges();
    if (replaced != null && request.replacesNothing()) {
      throw RenameRequest.failure(Errno.EEXIST, FileName.decode(request.newName));
    }
    if (replaced == null && exchange) {
      throw RenameRequest.failure(Errno.ENOENT, FileName.decode(request.newName));
    }
    if (aboveTo.contains(moved.inodeNr())) {
      throw RenameRequest.failure(Errno.EINVAL, "a directory cannot go into itself");
    }
    if (replaced != null && aboveFrom.contains(replaced.inodeNr())) {
      throw RenameRequest.failure(
          exchange ? Errno.EINVAL : Errno.ENOTEMPTY, "it holds what is renamed");
    }
    context.requireProject(request.to, moved);
    if (replaced != null && exchange) {
      context.requireProject(request.from, replaced);
    }
    context.requireRemovable(request.from, moved);
    if (replaced == null) {
      context.requireAdditions(request.to);
      requireRoomFor(moved);
      return;
    }
    context.requireRemovable(request.to, replaced);
    if (!exchange && moved != replaced) {
      InodeRemoval.requireRoom(context, replaced);
      requireSameKind(moved, replaced);
    }
  }

  private void requireSameKind(LiveInode moved, LiveInode replaced) throws Ext4Exception {
    if (moved.isDirectory() && !replaced.isDirectory()) {
      throw RenameRequest.failure(Errno.ENOTDIR, "a directory cannot replace what is none");
    }
    if (!moved.isDirectory() && replaced.isDirectory()) {
      throw RenameRequest.failure(Errno.EISDIR, "only a directory can replace one");
    }
  }

  private void requireRoomFor(LiveInode moved) throws Ext4Exception {
    if (request.crosses()
        && moved.isDirectory()
        && DirectoryLinks.isFull(request.to.inode(), context.reader())) {
      throw RenameRequest.failure(Errno.EMLINK, "the new parent has too many directories");
    }
  }
}
