package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds and removes the names that fast commits name, once all inodes are there. */
final class FastNameReplay {
  private static final Logger LOG = LoggerFactory.getLogger(FastNameReplay.class);
  private static final int CREDITS = 64;

  private final ChangeContext changes;
  private final FastCommitModel model;
  private final FastInodeReplay inodes;

  FastNameReplay(ReplayVolume volume, FastCommitModel model, FastInodeReplay inodes) {
    changes = volume.changes();
    this.model = model;
    this.inodes = inodes;
  }

  void run() throws IOException {
    for (Map.Entry<Long, Map<String, FastCommitModel.Target>> entry : model.names().entrySet()) {
      makeDirectories(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<Long, Map<String, FastCommitModel.Target>> entry : model.names().entrySet()) {
      LiveInode directory = inodes.live(entry.getKey());
      if (directory != null && directory.isDirectory()) {
        change(directory, entry.getValue());
      }
    }
  }

  /** New directories get their first block. */
  private void makeDirectories(long parentNr, Map<String, FastCommitModel.Target> names)
      throws IOException {
    for (FastCommitModel.Target target : names.values()) {
      LiveInode made = target.now == 0 ? null : inodes.live(target.now);
      if (made != null && made.isDirectory() && model.inode(target.now).isNew()) {
        try (Handle handle = changes.start(CREDITS)) {
          changes.editor(made).makeFirstBlock(handle, parentNr);
        }
      }
    }
  }

  private void change(LiveInode directory, Map<String, FastCommitModel.Target> names)
      throws IOException {
    int directories = 0;
    boolean changed = false;
    for (Map.Entry<String, FastCommitModel.Target> entry : names.entrySet()) {
      FastCommitModel.Target target = entry.getValue();
      // The same number may be another file's, of another kind.
      boolean reused = target.now != 0 && model.inode(target.now).isReused();
      if (target.now != target.before || reused) {
        directories += change(directory, entry.getKey().getBytes(ISO_8859_1), target);
        changed = true;
      }
    }
    if (changed && !model.inode(directory.inodeNr()).isNew()) {
      int more = directories;
      try (Handle handle = changes.start(CREDITS)) {
        changes.touchDirectory(
            handle,
            directory,
            inode -> {
              for (int i = 0; i < Math.abs(more); i++) {
                DirectoryLinks.add(inode, more);
              }
            });
      }
    } else if (directories != 0) {
      int more = directories;
      try (Handle handle = changes.start(CREDITS)) {
        changes.change(handle, directory, inode -> inode.linksCount(inode.linksCount() + more));
      }
    }
  }

  /** Changes a name. @return how many directories there are more */
  private int change(LiveInode directory, byte[] name, FastCommitModel.Target target)
      throws IOException {
    int more = 0;
    changes.makeEditable(directory);
    DirectoryEditor editor = changes.editor(directory);
    if (target.before != 0) {
      DirectorySlot slot = editor.find(name);
      if (slot == null) {
        throw new CorruptStructureException(
            "directory " + directory.inodeNr(), "a name", "where it was found before", "nowhere");
      }
      try (Handle handle = changes.start(CREDITS)) {
        editor.remove(handle, slot);
      }
      more -= model.wasDirectory(target.before) ? 1 : 0;
    }
    LiveInode named = target.now == 0 ? null : inodes.live(target.now);
    if (named != null) {
      editor.requireComparable(name);
      try (Handle handle = changes.start(CREDITS)) {
        editor.insert(handle, name, target.now, named.kind());
      }
      more += named.kind() == FileKind.DIRECTORY ? 1 : 0;
    } else if (target.now != 0) {
      LOG.warn("a fast commit gives a name to inode {}, which is not in use", target.now);
    }
    return more;
  }
}
