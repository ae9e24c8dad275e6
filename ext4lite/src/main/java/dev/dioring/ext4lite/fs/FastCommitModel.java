package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.FastCommitTags;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.FastCommits;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What fast commits come to, all together: the last word on each inode and on each name. So nothing
 * depends on what a volume was like between two tags.
 */
final class FastCommitModel {
  /** A name: the inode it leads to without the fast commits, and with them; 0 for none. */
  static final class Target {
    final long before;
    long now;

    Target(long before) {
      this.before = before;
      now = before;
    }
  }

  private final ReplayVolume volume;
  private final Set<Long> orphans;
  private final Map<Long, FastInode> inodes = new LinkedHashMap<>();

  /** By directory; names as bytes of ISO 8859-1. */
  private final Map<Long, Map<String, Target>> names = new LinkedHashMap<>();

  FastCommitModel(ReplayVolume volume) throws IOException {
    this.volume = volume;
    orphans = volume.orphans();
  }

  Collection<FastInode> inodes() {
    return inodes.values();
  }

  Map<Long, Map<String, Target>> names() {
    return names;
  }

  /** An inode that the fast commits name. */
  FastInode inode(long inodeNr) throws IOException {
    FastInode known = inodes.get(inodeNr);
    if (known == null) {
      known = load(inodeNr);
      inodes.put(inodeNr, known);
    }
    return known;
  }

  /** Takes all tags in their order. */
  void take(FastCommits commits) throws IOException {
    FastCommitTags tags = new FastCommitTags(volume.context().groups().blockSizeBytes());
    int left = commits.tags();
    for (MemorySegment block : commits.blocks()) {
      tags.begin(block);
      while (left > 0 && tags.next()) {
        take(tags);
        left--;
      }
    }
  }

  private void take(FastCommitTags tags) throws IOException {
    switch (tags.tag()) {
      case FastCommitTags.INODE ->
          inode(tags.inodeNr())
              .fields(tags.inodeFields(), volume.context().groups().inodeSizeBytes());
      case FastCommitTags.ADD_RANGE, FastCommitTags.DEL_RANGE -> takeRange(tags);
      case FastCommitTags.CREAT, FastCommitTags.LINK -> takeName(tags);
      case FastCommitTags.UNLINK -> takeLoss(tags);
      default -> {}
    }
  }

  private void takeRange(FastCommitTags tags) throws IOException {
    FastInode inode = inode(tags.inodeNr());
    boolean hole = tags.tag() == FastCommitTags.DEL_RANGE;
    long first = tags.fileBlockNr();
    long length = Math.min(tags.lengthBlocks(), ExtentNode.FILE_BLOCKS_MAX - first);
    // The blocks of directories are not logged: their names are.
    if (length > 0 && !inode.isDirectory()) {
      inode.range(
          new FastInode.Range(
              first, length, hole ? 0 : tags.startBlockNr(), !hole && tags.isUnwritten()));
    }
  }

  private void takeName(FastCommitTags tags) throws IOException {
    FastInode inode = inode(tags.inodeNr());
    Target target = target(tags);
    boolean added = target.now != inode.inodeNr();
    if (added && target.now != 0) {
      throw new CorruptStructureException(
          "fast commit",
          "a name that is added to directory " + tags.parentInodeNr(),
          "not there",
          "it leads to inode " + target.now);
    }
    target.now = inode.inodeNr();
    if (tags.tag() == FastCommitTags.CREAT) {
      inode.created();
    } else if (added) {
      inode.named();
    }
  }

  private void takeLoss(FastCommitTags tags) throws IOException {
    FastInode inode = inode(tags.inodeNr());
    Target target = target(tags);
    if (target.now == inode.inodeNr()) {
      target.now = 0;
      inode.unnamed();
    }
  }

  private Target target(FastCommitTags tags) throws IOException {
    long parentNr = tags.parentInodeNr();
    String name = new String(tags.name(), ISO_8859_1);
    Map<String, Target> ofParent = names.computeIfAbsent(parentNr, nr -> new LinkedHashMap<>());
    Target target = ofParent.get(name);
    if (target == null) {
      target = new Target(lookUp(inode(parentNr), tags.name()));
      ofParent.put(name, target);
    }
    return target;
  }

  private long lookUp(FastInode parent, byte[] name) throws IOException {
    if (parent.isNew() || !parent.isDirectory()) {
      return 0;
    }
    InodeCache live = volume.changes().inodes();
    LiveInode directory = live.acquire(parent.inodeNr());
    try {
      return new DirectoryLookup(volume.changes().reader(), directory.view()).find(name);
    } finally {
      live.release(directory);
    }
  }

  private FastInode load(long inodeNr) throws IOException {
    long first = volume.context().superblock().firstInode();
    if (inodeNr != Ext4Inode.ROOT_NR
        && (inodeNr < first || !volume.context().groups().isInode(inodeNr))) {
      throw new CorruptStructureException(
          "fast commit", "an inode it changes", "of a file", Long.toString(inodeNr));
    }
    InodeBlock found = volume.inUse(inodeNr);
    if (found == null) {
      return new FastInode(inodeNr, null, false);
    }
    try {
      Inode inode = found.inode();
      int size = inode.recordBytes();
      MemorySegment copy = MemorySegment.ofArray(new byte[size]);
      MemorySegment.copy(inode.memory(), inode.byteOffset(), copy, 0, size);
      return new FastInode(inodeNr, new Inode(copy, 0, size), orphans.contains(inodeNr));
    } finally {
      found.buffer().close();
    }
  }

  /** Whether a name leads to a directory without the fast commits, as was known at first. */
  boolean wasDirectory(long inodeNr) throws IOException {
    FastInode known = inodes.get(inodeNr);
    return (known != null ? known : load(inodeNr)).wasDirectory();
  }
}
