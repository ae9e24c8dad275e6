package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One rename or exchange of names, in one handle, within directories that are locked. */
final class RenameOperation {
  /** Two leaves, a split at each level of an index, four inodes, the orphans' neighbours. */
  private static final int CREDITS = 80;

  private final ChangeContext context;
  private final NameRemoval removal;
  private final InodeCreation creation;
  private final RenameRequest request;
  private final LiveInode from;
  private final LiveInode to;
  private final boolean crosses;
  private @Nullable LiveInode source;
  private @Nullable LiveInode target;

  RenameOperation(
      ChangeContext context, NameRemoval removal, InodeCreation creation, RenameRequest request) {
    this.context = context;
    this.removal = removal;
    this.creation = creation;
    this.request = request;
    from = request.from;
    to = request.to;
    crosses = request.crosses();
  }

  /** Ends the use of what was renamed, once nothing is locked any more. */
  void release() throws IOException {
    LiveInode renamed = source;
    if (renamed != null) {
      context.inodes().release(renamed);
    }
    LiveInode replaced = target;
    if (replaced != null) {
      context.inodes().release(replaced);
    }
  }

  /** Renames; the names in both directories are locked. */
  void run(RenameRules rules) throws IOException {
    DirectoryEditor source = context.editor(from);
    DirectoryEditor target = context.editor(to);
    source.requireEditable();
    target.requireEditable();
    DirectorySlot old = from.inode().linksCount() == 0 ? null : source.find(request.name);
    if (old == null) {
      throw RenameRequest.failure(Errno.ENOENT, FileName.decode(request.name));
    }
    if (to.inode().linksCount() == 0) {
      throw RenameRequest.failure(Errno.ENOENT, "the new parent was removed");
    }
    DirectorySlot present = target.find(request.newName);
    LiveInode moved = context.inodes().acquire(old.inodeNr());
    this.source = moved;
    LiveInode replaced = present == null ? null : context.inodes().acquire(present.inodeNr());
    this.target = replaced;
    rules.requirePossible(moved, replaced);
    if (moved == replaced) {
      return;
    }
    boolean fromMoved = context.makeEditable(from);
    boolean elsewhere = context.makeEditable(to) || fromMoved;
    if (replaced == null) {
      target.requireComparable(request.newName);
    }
    lockChildren(
        moved,
        replaced,
        elsewhere ? Objects.requireNonNull(source.find(request.name)) : old,
        elsewhere ? target.find(request.newName) : present);
  }

  /**
   * Locks the names in what is renamed where that changes them, or must find none, and no others: a
   * rename between two of them may lock them in any order.
   */
  private void lockChildren(
      LiveInode moved,
      @Nullable LiveInode replaced,
      DirectorySlot old,
      @Nullable DirectorySlot present)
      throws IOException {
    boolean changesDots = crosses && moved.isDirectory();
    Rename.Step step = () -> change(moved, replaced, old, present);
    Rename.Step inner = step;
    if (replaced != null && replaced.isDirectory() && (crosses || !request.exchanges())) {
      LiveInode other = replaced;
      inner = () -> Rename.locked(other, step);
    }
    if (changesDots) {
      Rename.locked(moved, inner);
    } else {
      inner.run();
    }
  }

  private void change(
      LiveInode moved,
      @Nullable LiveInode replaced,
      DirectorySlot old,
      @Nullable DirectorySlot present)
      throws IOException {
    if (replaced == null || present == null) {
      moveTo(moved, old);
    } else if (request.exchanges()) {
      exchange(moved, replaced, old, present);
    } else {
      replace(moved, replaced, old, present);
    }
  }

  private void moveTo(LiveInode moved, DirectorySlot old) throws IOException {
    try (Handle handle = context.start(CREDITS)) {
      LiveInode whiteout = makeWhiteout(handle);
      try {
        context.editor(to).insert(handle, request.newName, moved.inodeNr(), moved.kind());
      } catch (IOException e) {
        undo(handle, whiteout);
        throw e;
      }
      // The new name may have moved the old one to another place.
      DirectorySlot now = crosses ? old : context.editor(from).find(request.name);
      leave(handle, now == null ? old : now, whiteout);
      arrive(handle, moved, null);
      keep(whiteout);
    }
  }

  private void replace(
      LiveInode moved, LiveInode replaced, DirectorySlot old, DirectorySlot present)
      throws IOException {
    if (replaced.isDirectory() && !context.editor(replaced).isEmpty()) {
      throw RenameRequest.failure(Errno.ENOTEMPTY, FileName.decode(request.newName));
    }
    try (Handle handle = context.start(CREDITS)) {
      LiveInode whiteout = makeWhiteout(handle);
      context.editor(to).replace(handle, present, moved.inodeNr(), moved.kind());
      leave(handle, old, whiteout);
      arrive(handle, moved, replaced);
      if (replaced.isDirectory()) {
        removal.dropDirectory(handle, replaced);
      } else {
        removal.dropLink(handle, replaced);
      }
      keep(whiteout);
    }
  }

  private @Nullable LiveInode makeWhiteout(Handle handle) throws IOException {
    if (!request.leavesWhiteout()) {
      return null;
    }
    return creation.make(handle, from, NewInode.of(FileKind.CHARACTER_DEVICE, 0, 0, 0), 1);
  }

  private void undo(Handle handle, @Nullable LiveInode whiteout) throws IOException {
    if (whiteout != null) {
      creation.undo(handle, whiteout);
    }
  }

  private void keep(@Nullable LiveInode whiteout) throws IOException {
    if (whiteout != null) {
      context.inodes().release(whiteout);
    }
  }

  /** The old name goes, or names a whiteout. */
  private void leave(Handle handle, DirectorySlot old, @Nullable LiveInode whiteout)
      throws IOException {
    if (whiteout == null) {
      context.editor(from).remove(handle, old);
    } else {
      context.editor(from).replace(handle, old, whiteout.inodeNr(), whiteout.kind());
    }
  }

  /** Times, link counts and ".." of what was renamed. */
  private void arrive(Handle handle, LiveInode moved, @Nullable LiveInode replaced)
      throws IOException {
    boolean directory = moved.isDirectory();
    boolean removes = replaced != null && replaced.isDirectory();
    context.touch(handle, moved, i -> {});
    if (directory && crosses) {
      context.editor(moved).parent(handle, to.inodeNr());
    }
    context.touchDirectory(
        handle,
        from,
        i -> {
          if ((directory && crosses) || (removes && !crosses)) {
            DirectoryLinks.decrement(i);
          }
        });
    if (crosses) {
      context.touchDirectory(
          handle,
          to,
          i -> {
            if (directory && !removes) {
              DirectoryLinks.increment(i);
            }
          });
    }
  }

  private void exchange(LiveInode moved, LiveInode other, DirectorySlot old, DirectorySlot present)
      throws IOException {
    try (Handle handle = context.start(CREDITS)) {
      context.editor(to).replace(handle, present, moved.inodeNr(), moved.kind());
      context.editor(from).replace(handle, old, other.inodeNr(), other.kind());
      context.touch(handle, moved, i -> {});
      context.touch(handle, other, i -> {});
      if (crosses && moved.isDirectory()) {
        context.editor(moved).parent(handle, to.inodeNr());
      }
      if (crosses && other.isDirectory()) {
        context.editor(other).parent(handle, from.inodeNr());
      }
      int change = crosses ? (moved.isDirectory() ? 1 : 0) - (other.isDirectory() ? 1 : 0) : 0;
      context.touchDirectory(handle, from, i -> DirectoryLinks.add(i, -change));
      if (crosses) {
        context.touchDirectory(handle, to, i -> DirectoryLinks.add(i, change));
      }
    }
  }
}
