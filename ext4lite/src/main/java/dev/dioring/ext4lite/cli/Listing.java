package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.DirectoryCursor;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists a file, a directory or a tree. What cannot be read is told and skipped; on a corrupt image
 * a directory may be reached twice, or contain itself, and is listed once.
 */
final class Listing {
  /** A name as it is on disk, the inode it leads to, and its kind, if the entry notes that. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] name, long inodeNr, @Nullable FileKind kind) {
    boolean isDots() {
      return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }
  }

  /** A directory still to be listed. */
  private record Pending(String path, long inodeNr) {}

  private final Main main;
  private final Ext4Volume volume;
  private final LsFormat format;
  private final boolean unsorted;
  private final boolean all;
  private final Set<Long> listed = new HashSet<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private int exitStatus = ExitStatus.OK;

  Listing(Main main, Ext4Volume volume, LsFormat format, boolean unsorted, boolean all) {
    this.main = main;
    this.volume = volume;
    this.format = format;
    this.unsorted = unsorted;
    this.all = all;
  }

  /** That of the first failure. */
  int exitStatus() {
    return exitStatus;
  }

  void list(String path, Ext4Inode start, boolean recursive) throws IOException {
    if (!start.isDirectory()) {
      format.entry("", path.getBytes(StandardCharsets.UTF_8), start.inodeNr());
      return;
    }
    listed.add(start.inodeNr());
    list(path, start, false, recursive);
    while (!pending.isEmpty()) {
      Pending next = pending.removeFirst();
      if (!listed.add(next.inodeNr)) {
        tell(
            new CliException(
                ExitStatus.DATA,
                next.path
                    + " is directory "
                    + next.inodeNr
                    + ", which is listed already; e2fsck can repair it"));
        continue;
      }
      try {
        list(next.path, volume.inode(next.inodeNr), true, true);
      } catch (Ext4Exception e) {
        tell(e);
      }
    }
  }

  private void list(String path, Ext4Inode directory, boolean below, boolean recursive)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    Ext4Exception failure = read(directory, entries);
    if (recursive || below) {
      format.heading(path);
    }
    for (Entry entry : entries) {
      if (all || !entry.isDots()) {
        print(path, entry);
      }
    }
    if (failure != null) {
      tell(failure);
    }
    if (recursive) {
      descend(path, entries);
    }
  }

  /** Gathers the entries. @return why they are not all */
  private @Nullable Ext4Exception read(Ext4Inode directory, List<Entry> entries) {
    Ext4Exception failure = null;
    try (DirectoryCursor cursor = directory.openDirectory()) {
      while (cursor.next()) {
        // Of encrypted names there is only ciphertext, which comes as base64.
        byte[] name =
            directory.isEncrypted()
                ? cursor.name().getBytes(StandardCharsets.UTF_8)
                : cursor.nameBytes();
        entries.add(new Entry(name, cursor.inodeNr(), cursor.kind()));
      }
    } catch (Ext4Exception e) {
      failure = e;
    }
    if (!unsorted) {
      entries.sort((a, b) -> Arrays.compareUnsigned(a.name, b.name));
    }
    return failure;
  }

  private void print(String directory, Entry entry) throws IOException {
    try {
      format.entry(directory, entry.name, entry.inodeNr);
    } catch (Ext4Exception e) {
      format.unreadable(directory, entry.name, entry.inodeNr, String.valueOf(e.getMessage()));
      tell(e);
    }
  }

  /** Puts the directories among the entries in front of what is pending, in their order. */
  private void descend(String path, List<Entry> entries) {
    for (Entry entry : entries.reversed()) {
      if (!entry.isDots() && isDirectory(entry)) {
        String name = new String(entry.name, StandardCharsets.UTF_8);
        String below = path.endsWith("/") ? path + name : path + "/" + name;
        pending.addFirst(new Pending(below, entry.inodeNr));
      }
    }
  }

  private boolean isDirectory(Entry entry) {
    if (entry.kind != null) {
      return entry.kind == FileKind.DIRECTORY;
    }
    try {
      return volume.inode(entry.inodeNr).isDirectory();
    } catch (Ext4Exception e) {
      tell(e);
      return false;
    }
  }

  private void tell(Exception failure) {
    int status = main.tell(failure);
    exitStatus = exitStatus == ExitStatus.OK ? status : exitStatus;
  }
}
