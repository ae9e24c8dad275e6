package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Finds a name in a directory: by its index where it has one that is understood. */
final class DirectoryLookup {
  static final byte[] DOT = {'.'};
  static final byte[] DOT_DOT = {'.', '.'};

  private final VolumeReader volume;
  private final Ext4Inode directory;
  private final int blockSizeBytes;

  DirectoryLookup(VolumeReader volume, Ext4Inode directory) {
    this.volume = volume;
    this.directory = directory;
    blockSizeBytes = volume.context().groups().blockSizeBytes();
  }

  /** The inode a name leads to, or 0. */
  long find(byte[] name) throws IOException {
    if (name.length > DirectoryEntry.NAME_MAX_BYTES) {
      throw new Ext4Exception(
          "looking up a name of " + name.length + " bytes", Errno.ENAMETOOLONG, "255 are allowed");
    }
    if (directory.isInline()) {
      return search(new InlineData(volume, directory).entries(), name);
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    if (Arrays.equals(name, DOT) || Arrays.equals(name, DOT_DOT)) {
      return searchBlock(blocks, 0, name);
    }
    // In a case-insensitive directory hashes are of the folded names, and folding is not supported.
    if (blocks.isIndexed() && !directory.raw().has(Inode.FLAG_CASEFOLD)) {
      try (MetadataBuffer root = blocks.get(0)) {
        int version = HtreeNode.hashVersion(root.data(), 0);
        if (DirectoryHash.isKnown(version)) {
          return searchIndex(
              new IndexWalk(blocks, root, directory.inodeNr(), volume.hash().hash(version, name)),
              blocks,
              name);
        }
      }
    }
    return searchAll(blocks, name);
  }

  private long searchIndex(IndexWalk walk, DirectoryBlocks blocks, byte[] name) throws IOException {
    for (long leaf = walk.first(); leaf >= 0; leaf = walk.continuation()) {
      long found = searchBlock(blocks, leaf, name);
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }

  private long searchAll(DirectoryBlocks blocks, byte[] name) throws IOException {
    for (long block = 0; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        long found = search(buffer.data(), name);
        if (found != 0) {
          return found;
        }
      }
    }
    return 0;
  }

  private long searchBlock(DirectoryBlocks blocks, long fileBlockNr, byte[] name)
      throws IOException {
    try (MetadataBuffer buffer = blocks.get(fileBlockNr)) {
      return search(buffer.data(), name);
    }
  }

  private long search(MemorySegment entries, byte[] name) {
    long at = 0;
    while (at < entries.byteSize()) {
      long inodeNr = DirectoryEntry.inodeNr(entries, at);
      if (inodeNr != 0 && DirectoryEntry.isNamed(entries, at, name)) {
        return inodeNr;
      }
      at += DirectoryEntry.recordBytes(entries, at, blockSizeBytes);
    }
    return 0;
  }
}
