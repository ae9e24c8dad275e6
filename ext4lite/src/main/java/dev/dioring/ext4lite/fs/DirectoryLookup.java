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
  /** Stands for a name whose hash is not known. */
  private static final byte[] NO_HASH = {};

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
    boolean dots = Arrays.equals(name, DOT) || Arrays.equals(name, DOT_DOT);
    if (directory.isEncrypted() && !dots) {
      return findEncrypted(name);
    }
    if (!directory.raw().has(Inode.FLAG_CASEFOLD)) {
      return find(name, DirectoryEntry::isNamed, name);
    }
    byte[] hashed = CaseFolding.isAscii(name) ? CaseFolding.foldAscii(name) : NO_HASH;
    long found = find(name, DirectoryEntry::isNamed, hashed);
    return found != 0
        ? found
        : find(
            name,
            (entries, entry, wanted) ->
                CaseFolding.equal(DirectoryEntry.name(entries, entry), wanted),
            hashed);
  }

  /** Finds a name in the form that is shown without a key. */
  private long findEncrypted(byte[] name) throws IOException {
    EncryptedName wanted = EncryptedName.parse(name);
    return wanted == null
        ? 0
        : find(
            name,
            (entries, entry, any) -> wanted.isOf(DirectoryEntry.name(entries, entry)),
            NO_HASH);
  }

  /** Whether an entry has a name. */
  private interface Match {
    boolean matches(MemorySegment entries, long entry, byte[] name);
  }

  /** Looks in the leaves with the hash of a name, or in all blocks if that is not known. */
  private long find(byte[] name, Match match, byte[] hashed) throws IOException {
    if (directory.isInline()) {
      return search(new InlineData(volume, directory).entries(), name, match);
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    if (Arrays.equals(name, DOT) || Arrays.equals(name, DOT_DOT)) {
      return searchBlock(blocks, 0, name, match);
    }
    if (blocks.isIndexed() && hashed.length > 0) {
      try (MetadataBuffer root = blocks.get(0)) {
        int version = HtreeNode.hashVersion(root.data(), 0);
        if (DirectoryHash.isKnown(version)) {
          long hash = volume.hash().hash(version, hashed);
          IndexWalk walk = new IndexWalk(blocks, root, directory.inodeNr(), hash);
          return searchIndex(walk, blocks, name, match);
        }
      }
    }
    return searchAll(blocks, name, match);
  }

  private long searchIndex(IndexWalk walk, DirectoryBlocks blocks, byte[] name, Match match)
      throws IOException {
    for (long leaf = walk.first(); leaf >= 0; leaf = walk.continuation()) {
      long found = searchBlock(blocks, leaf, name, match);
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }

  private long searchAll(DirectoryBlocks blocks, byte[] name, Match match) throws IOException {
    for (long block = 0; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        long found = search(buffer.data(), name, match);
        if (found != 0) {
          return found;
        }
      }
    }
    return 0;
  }

  private long searchBlock(DirectoryBlocks blocks, long fileBlockNr, byte[] name, Match match)
      throws IOException {
    try (MetadataBuffer buffer = blocks.get(fileBlockNr)) {
      return search(buffer.data(), name, match);
    }
  }

  private long search(MemorySegment entries, byte[] name, Match match) {
    long at = 0;
    while (at < entries.byteSize()) {
      long inodeNr = DirectoryEntry.inodeNr(entries, at);
      if (inodeNr != 0 && match.matches(entries, at, name)) {
        return inodeNr;
      }
      at += DirectoryEntry.recordBytes(entries, at, blockSizeBytes);
    }
    return 0;
  }
}
