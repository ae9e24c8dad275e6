package dev.dioring.ext4lite.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks the entries of a directory, "." and ".." included, in the order they are stored in. For one
 * thread at a time. It keeps a copy of one block.
 */
public final class DirectoryCursor implements AutoCloseable {
  private final VolumeErrors errors;
  private final boolean typed;
  private final Ext4Inode directory;
  private final boolean plainNames;
  private final int blockSizeBytes;

  /** Null for a directory that lies in its inode. */
  private final @Nullable DirectoryBlocks blocks;

  /** A copy of the block: plain array accesses need no compiler to be fast. */
  private byte[] bytes;

  private long nextBlock;

  /** Where the current entry starts, where the next one does, and where the copy ends. */
  private int entry;

  private int at;
  private int end;

  private DirectoryCursor(
      VolumeReader volume,
      Ext4Inode directory,
      @Nullable DirectoryBlocks blocks,
      byte[] bytes,
      int end) {
    errors = volume.errors();
    typed = volume.has(Feature.FILETYPE);
    blockSizeBytes = volume.context().groups().blockSizeBytes();
    this.directory = directory;
    plainNames = !directory.isEncrypted();
    this.blocks = blocks;
    this.bytes = bytes;
    this.end = end;
  }

  static DirectoryCursor of(VolumeReader volume, Ext4Inode directory) throws IOException {
    if (directory.isInline()) {
      byte[] entries = new InlineData(volume, directory).entries().toArray(JAVA_BYTE);
      return new DirectoryCursor(volume, directory, null, entries, entries.length);
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    byte[] block = new byte[volume.context().groups().blockSizeBytes()];
    return new DirectoryCursor(volume, directory, blocks, block, 0);
  }

  /**
   * Goes to the next entry.
   *
   * @return false at the end
   * @throws Ext4Exception EUCLEAN, EIO; EAGAIN if the directory changes at the same time
   */
  public boolean next() throws Ext4Exception {
    while (true) {
      if (at >= end) {
        if (!nextBlock()) {
          return false;
        }
      }
      entry = at;
      int record = DirectoryEntry.recordBytes(bytes, entry, blockSizeBytes);
      if (record < DirectoryEntry.RECORD_MIN_BYTES || record > end - at) {
        // The block was verified, so it was copied in the middle of a change.
        throw new Ext4Exception("listing a directory", Errno.EAGAIN, "it changed meanwhile");
      }
      at += record;
      if (DirectoryEntry.inodeNr(bytes, entry) != 0) {
        return true;
      }
    }
  }

  /** Number of the inode named. */
  public long inodeNr() {
    return DirectoryEntry.inodeNr(bytes, entry);
  }

  /** The kind of file, or null where the volume does not note it in directories. */
  public @Nullable FileKind kind() {
    return typed ? FileKind.ofEntryCode(DirectoryEntry.typeCode(bytes, entry)) : null;
  }

  /**
   * The name. Bytes that are no UTF-8 become lone surrogates, which {@link Ext4Inode#lookUp} turns
   * back; an encrypted name comes in the form that Linux shows without a key.
   */
  public String name() {
    if (plainNames || isDots()) {
      int from = entry + DirectoryEntry.NAME_OFFSET;
      return FileName.decode(bytes, from, DirectoryEntry.nameBytes(bytes, entry));
    }
    return FileName.decode(directory.showEncrypted(nameBytes()));
  }

  /** The name as it is on disk. */
  public byte[] nameBytes() {
    int from = entry + DirectoryEntry.NAME_OFFSET;
    return Arrays.copyOfRange(bytes, from, from + DirectoryEntry.nameBytes(bytes, entry));
  }

  /** Whether the entry is "." or "..". */
  public boolean isDots() {
    int length = DirectoryEntry.nameBytes(bytes, entry);
    int name = entry + DirectoryEntry.NAME_OFFSET;
    return bytes[name] == '.' && (length == 1 || (length == 2 && bytes[name + 1] == '.'));
  }

  @Override
  public void close() {
    end = 0;
    at = 0;
    nextBlock = Long.MAX_VALUE;
  }

  private boolean nextBlock() throws Ext4Exception {
    DirectoryBlocks all = blocks;
    if (all == null || nextBlock >= all.count()) {
      close();
      return false;
    }
    try (MetadataBuffer next = all.getNext(nextBlock)) {
      nextBlock++;
      MemorySegment.copy(next.data(), JAVA_BYTE, 0, bytes, 0, blockSizeBytes);
      at = 0;
      end = blockSizeBytes;
      return true;
    } catch (IOException e) {
      throw errors.explain("listing inode " + directory.inodeNr(), directory.inodeNr(), e);
    }
  }
}
