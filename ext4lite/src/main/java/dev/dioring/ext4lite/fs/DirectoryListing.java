package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Lists a directory from a cookie on. Where directories may have an index the order is that of the
 * names' hashes, which splits of blocks and the conversion to an index leave as it is: an entry
 * that was there all the time is listed exactly once whatever happens meanwhile. Else the cookie is
 * the place behind the entry. The caller holds the directory's names lock.
 */
final class DirectoryListing {
  private static final long DOT_COOKIE = 1;
  private static final long DOT_DOT_COOKIE = 2;
  private static final int HASH_SHIFT = 32;

  /** An entry with a place in the order. */
  private static final class Entry {
    final long cookie;
    final long inodeNr;
    final int typeCode;
    final byte[] name;

    Entry(long cookie, long inodeNr, int typeCode, byte[] name) {
      this.cookie = cookie;
      this.inodeNr = inodeNr;
      this.typeCode = typeCode;
      this.name = name;
    }
  }

  private final VolumeReader volume;
  private final Ext4Inode directory;
  private final boolean typed;
  private final int blockSizeBytes;
  private int hashVersion;

  DirectoryListing(VolumeReader volume, Ext4Inode directory) {
    this.volume = volume;
    this.directory = directory;
    typed = volume.has(Feature.FILETYPE);
    blockSizeBytes = volume.context().groups().blockSizeBytes();
    hashVersion = volume.context().superblock().defaultHashVersion();
  }

  /** Gives the entries behind a cookie, 0 for all, to a sink until that has no room. */
  void list(long cookie, EntrySink sink) throws IOException {
    if (directory.isInline()) {
      MemorySegment entries = new InlineData(volume, directory).entries();
      if (isHashed(1)) {
        listSorted(entries, cookie, sink);
      } else {
        listPlaced(entries, 0, cookie, sink);
      }
      return;
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    try (MetadataBuffer root = blocks.get(0)) {
      if (blocks.isIndexed()) {
        hashVersion = HtreeNode.hashVersion(root.data(), 0);
        if (isHashed(1)) {
          listIndex(blocks, root, cookie, sink);
          return;
        }
      } else if (isHashed(blocks.count())) {
        listSorted(root.data(), cookie, sink);
        return;
      }
    }
    listAll(blocks, cookie, sink);
  }

  private boolean isHashed(long blocksCount) {
    return blocksCount == 1
        && volume.has(Feature.DIR_INDEX)
        && !directory.isEncrypted()
        && !directory.raw().has(Inode.FLAG_CASEFOLD)
        && DirectoryHash.isKnown(hashVersion);
  }

  private void listIndex(DirectoryBlocks blocks, MetadataBuffer root, long cookie, EntrySink sink)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    gather(root.data(), cookie, entries);
    if (!give(entries, sink)) {
      return;
    }
    long from = Math.max(0, (cookie >>> HASH_SHIFT) - 1) << 1;
    IndexWalk walk = new IndexWalk(blocks, root, directory.inodeNr(), from);
    long leaf = walk.first();
    while (leaf >= 0) {
      try (MetadataBuffer buffer = blocks.get(leaf)) {
        gather(buffer.data(), cookie, entries);
      }
      leaf = walk.next();
      // Names of one hash may go on in the next leaf, and are sorted together.
      if ((leaf < 0 || !walk.isContinued()) && !give(entries, sink)) {
        return;
      }
    }
  }

  private void listSorted(MemorySegment block, long cookie, EntrySink sink) {
    List<Entry> entries = new ArrayList<>();
    gather(block, cookie, entries);
    give(entries, sink);
  }

  private void gather(MemorySegment block, long cookie, List<Entry> entries) {
    long at = 0;
    while (at < block.byteSize()) {
      long inodeNr = DirectoryEntry.inodeNr(block, at);
      if (inodeNr != 0) {
        byte[] name = DirectoryEntry.name(block, at);
        long own = cookie(name);
        if (own > cookie) {
          entries.add(new Entry(own, inodeNr, DirectoryEntry.typeCode(block, at), name));
        }
      }
      at += DirectoryEntry.recordBytes(block, at, blockSizeBytes);
    }
  }

  /** Gives what was gathered and clears it. @return false once the sink has no room */
  private boolean give(List<Entry> entries, EntrySink sink) {
    entries.sort(Comparator.comparingLong(entry -> entry.cookie));
    for (Entry entry : entries) {
      if (!sink.entry(
          entry.inodeNr,
          typed ? FileKind.ofEntryCode(entry.typeCode) : null,
          entry.name,
          entry.cookie)) {
        return false;
      }
    }
    entries.clear();
    return true;
  }

  /** The hash, and a checksum of the name for names of one hash; above those of the dots. */
  private long cookie(byte[] name) {
    if (name[0] == '.' && name.length == 1) {
      return DOT_COOKIE;
    }
    if (name[0] == '.' && name.length == 2 && name[1] == '.') {
      return DOT_DOT_COOKIE;
    }
    CRC32C crc = new CRC32C();
    crc.update(name);
    long hash = volume.hash().hash(hashVersion, name);
    return ((hash >>> 1) + 1) << HASH_SHIFT | crc.getValue();
  }

  private void listAll(DirectoryBlocks blocks, long cookie, EntrySink sink) throws IOException {
    for (long block = cookie / blockSizeBytes; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        if (!listPlaced(buffer.data(), block * blockSizeBytes, cookie, sink)) {
          return;
        }
      }
    }
  }

  private boolean listPlaced(MemorySegment block, long start, long cookie, EntrySink sink) {
    long at = 0;
    while (at < block.byteSize()) {
      long next = at + DirectoryEntry.recordBytes(block, at, blockSizeBytes);
      long inodeNr = DirectoryEntry.inodeNr(block, at);
      if (inodeNr != 0 && start + at >= cookie) {
        int type = DirectoryEntry.typeCode(block, at);
        byte[] name = shown(DirectoryEntry.name(block, at));
        FileKind kind = typed ? FileKind.ofEntryCode(type) : null;
        if (!sink.entry(inodeNr, kind, name, start + next)) {
          return false;
        }
      }
      at = next;
    }
    return true;
  }

  /** Encrypted names are shown in a form that is a name. */
  private byte[] shown(byte[] name) {
    boolean dots =
        Arrays.equals(name, DirectoryLookup.DOT) || Arrays.equals(name, DirectoryLookup.DOT_DOT);
    return directory.isEncrypted() && !dots ? directory.showEncrypted(name) : name;
  }
}
