package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.PosixAcl;
import dev.dioring.ext4lite.format.XattrCheck;
import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.format.XattrHash;
import dev.dioring.ext4lite.format.XattrName;
import dev.dioring.ext4lite.format.XattrSpace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The extended attributes of one inode, in the inode and in its attribute block. */
final class Xattrs {
  private static final byte[] INLINE_DATA_NAME = {'d', 'a', 't', 'a'};

  private final VolumeReader volume;
  private final Ext4Inode owner;

  Xattrs(VolumeReader volume, Ext4Inode owner) {
    this.volume = volume;
    this.owner = owner;
  }

  /** What is done with an entry. */
  private interface Visitor {
    /** Looks at an entry. @return whether to stop */
    boolean visit(MemorySegment memory, long entry, long valueBase) throws IOException;
  }

  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    walk(
        (memory, entry, valueBase) -> {
          if (isVisible(XattrEntry.nameIndex(memory, entry))) {
            names.add(fullName(memory, entry));
          }
          return false;
        });
    return names;
  }

  byte @Nullable [] value(String name) throws IOException {
    List<byte[]> found = new ArrayList<>(1);
    walk(
        (memory, entry, valueBase) -> {
          int index = XattrEntry.nameIndex(memory, entry);
          if (!isVisible(index) || !fullName(memory, entry).equals(name)) {
            return false;
          }
          byte[] value = value(memory, entry, valueBase);
          boolean acl = index == XattrName.POSIX_ACL_ACCESS || index == XattrName.POSIX_ACL_DEFAULT;
          found.add(acl ? PosixAcl.forPrograms(value, name + " of inode " + nr()) : value);
          return true;
        });
    return found.isEmpty() ? null : found.get(0);
  }

  /** The part of inline data that did not fit into i_block. */
  byte[] inlineRest() throws IOException {
    List<byte[]> found = new ArrayList<>(1);
    walkInode(
        (memory, entry, valueBase) -> {
          boolean inline =
              XattrEntry.nameIndex(memory, entry) == XattrName.SYSTEM
                  && java.util.Arrays.equals(XattrEntry.name(memory, entry), INLINE_DATA_NAME);
          if (inline) {
            found.add(value(memory, entry, valueBase));
          }
          return inline;
        });
    if (found.isEmpty()) {
      throw new CorruptStructureException(
          "inode " + nr(), "attribute system.data of inline data", "one", "none");
    }
    return found.get(0);
  }

  private void walk(Visitor visitor) throws IOException {
    if (walkInode(visitor)) {
      return;
    }
    long blockNr = owner.raw().attributeBlockNr();
    if (blockNr == 0) {
      return;
    }
    try (MetadataBuffer buffer =
        volume.context().cache().get(blockNr, BlockRole.attributes(), this::verifyBlock)) {
      walkList(buffer.data(), XattrEntry.BLOCK_HEADER_BYTES, 0, visitor);
    }
  }

  private boolean walkInode(Visitor visitor) throws IOException {
    XattrSpace space = XattrSpace.of(owner.raw());
    if (!space.isUsed()) {
      return false;
    }
    space.check(nr(), volume.features());
    return walkList(owner.raw().memory(), space.first(), space.first(), visitor);
  }

  private static boolean walkList(MemorySegment memory, long first, long valueBase, Visitor visitor)
      throws IOException {
    long entry = first;
    while (!XattrEntry.isEnd(memory, entry)) {
      if (visitor.visit(memory, entry, valueBase)) {
        return true;
      }
      entry += XattrEntry.entryBytes(memory, entry);
    }
    return false;
  }

  private byte[] value(MemorySegment memory, long entry, long valueBase) throws IOException {
    int size = (int) XattrEntry.valueBytes(memory, entry);
    long inodeNr = XattrEntry.valueInodeNr(memory, entry);
    if (inodeNr != 0) {
      return new XattrValueInode(volume, owner, inodeNr).read(memory, entry, size);
    }
    byte[] value = new byte[size];
    if (size == 0) {
      return value;
    }
    long at = valueBase + XattrEntry.valueOffset(memory, entry);
    MemorySegment padded = memory.asSlice(at, (size + 3) & ~3);
    if (!XattrHash.matches(memory, entry, padded)) {
      throw new CorruptStructureException(
          "attribute " + fullName(memory, entry) + " of inode " + nr(),
          "e_hash",
          "the hash of name and value",
          "0x" + Integer.toHexString(XattrEntry.hash(memory, entry)));
    }
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, value, 0, size);
    return value;
  }

  private void verifyBlock(MetadataBuffer buffer) throws CorruptStructureException {
    XattrCheck.checkBlock(
        buffer.data(),
        buffer.blockNr(),
        volume.context().groups().blockSizeBytes(),
        volume.features(),
        volume.context().checksums());
  }

  /** Inline data and contexts of encryption are the filesystem's own. */
  private static boolean isVisible(int nameIndex) {
    return nameIndex != XattrName.SYSTEM && nameIndex != XattrName.ENCRYPTION;
  }

  private static String fullName(MemorySegment memory, long entry) {
    String prefix = XattrName.prefix(XattrEntry.nameIndex(memory, entry));
    return prefix + FileName.decode(XattrEntry.name(memory, entry));
  }

  private long nr() {
    return owner.inodeNr();
  }
}
