package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Walks the entries of a directory, "." and ".." included, in the order they are stored in. For one
 * thread at a time. It keeps a block in memory until it is closed or has come to the end.
 */
public final class DirectoryCursor implements AutoCloseable {
  private final boolean typed;
  private final boolean plainNames;
  private final int blockSizeBytes;

  /** Null for a directory that lies in its inode. */
  private final @Nullable DirectoryBlocks blocks;

  private @Nullable MetadataBuffer pinned;
  private MemorySegment memory;
  private long nextBlock;

  /** Where the current entry starts, and where the next one does. */
  private long entry;

  private long at;

  private DirectoryCursor(
      VolumeReader volume,
      boolean plainNames,
      @Nullable DirectoryBlocks blocks,
      MemorySegment memory) {
    typed = volume.has(Feature.FILETYPE);
    blockSizeBytes = volume.context().groups().blockSizeBytes();
    this.plainNames = plainNames;
    this.blocks = blocks;
    this.memory = memory;
  }

  static DirectoryCursor of(VolumeReader volume, Ext4Inode directory) throws IOException {
    boolean plain = !directory.isEncrypted();
    if (directory.isInline()) {
      MemorySegment entries = new InlineData(volume, directory).entries();
      return new DirectoryCursor(volume, plain, null, entries);
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    return new DirectoryCursor(volume, plain, blocks, MemorySegment.NULL);
  }

  /**
   * Goes to the next entry.
   *
   * @return false at the end
   * @throws Ext4Exception EUCLEAN, EIO
   */
  public boolean next() throws Ext4Exception {
    while (true) {
      if (at >= memory.byteSize()) {
        if (!nextBlock()) {
          return false;
        }
      }
      entry = at;
      at += DirectoryEntry.recordBytes(memory, entry, blockSizeBytes);
      if (DirectoryEntry.inodeNr(memory, entry) != 0) {
        return true;
      }
    }
  }

  /** Number of the inode named. */
  public long inodeNr() {
    return DirectoryEntry.inodeNr(memory, entry);
  }

  /** The kind of file, or null where the volume does not note it in directories. */
  public @Nullable FileKind kind() {
    return typed ? FileKind.ofEntryCode(DirectoryEntry.typeCode(memory, entry)) : null;
  }

  /**
   * The name. Bytes that are no UTF-8 become lone surrogates, which {@link Ext4Inode#lookUp} turns
   * back; of encrypted names it is the ciphertext in base64.
   */
  public String name() {
    byte[] bytes = nameBytes();
    return plainNames || isDots()
        ? FileName.decode(bytes)
        : Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The name as it is on disk. */
  public byte[] nameBytes() {
    return DirectoryEntry.name(memory, entry);
  }

  /** Whether the entry is "." or "..". */
  public boolean isDots() {
    return DirectoryEntry.isNamed(memory, entry, DirectoryLookup.DOT)
        || DirectoryEntry.isNamed(memory, entry, DirectoryLookup.DOT_DOT);
  }

  @Override
  public void close() {
    MetadataBuffer last = pinned;
    if (last != null) {
      pinned = null;
      last.close();
    }
    memory = MemorySegment.NULL;
    at = 0;
    nextBlock = Long.MAX_VALUE;
  }

  private boolean nextBlock() throws Ext4Exception {
    DirectoryBlocks directory = blocks;
    if (directory == null || nextBlock >= directory.count()) {
      close();
      return false;
    }
    try {
      MetadataBuffer next = directory.getNext(nextBlock++);
      MetadataBuffer last = pinned;
      pinned = next;
      if (last != null) {
        last.close();
      }
      memory = next.data();
      at = 0;
      return true;
    } catch (IOException e) {
      throw Failures.explain("listing a directory", e);
    }
  }
}
