package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.fuse.Dirent;
import dev.dioring.bindings.fuse.EntryOut;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.ReadIn;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Listing directories. They are not opened: a cookie says where to go on. While the kernel lists
 * one it lets nobody change it, so an inode just listed is still the one of that name.
 */
final class DirectoryOperations {
  private static final int MODE_KIND_SHIFT = 12;

  private final Ext4Namespace namespace;
  private final Attributes attributes;

  DirectoryOperations(Ext4Namespace namespace, Attributes attributes) {
    this.namespace = namespace;
    this.attributes = attributes;
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .onLook(FuseOpcode.READDIR, request -> list(request, false))
        .onLook(FuseOpcode.READDIRPLUS, request -> list(request, true));
  }

  private void list(Request request, boolean plus) throws IOException {
    long at = request.arguments(ReadIn.BYTES);
    long cookie = ReadIn.position(request.memory(), at);
    int size = ReadIn.sizeBytes(request.memory(), at);
    int fileFlags = ReadIn.fileFlags(request.memory(), at);
    if (size < 0 || size > request.payloadBytes()) {
      throw new MalformedRequestException("a listing of " + size + " bytes");
    }
    Listing listing = new Listing(request, plus, size);
    if ((fileFlags & LinuxFiles.O_NOATIME) != 0) {
      namespace.peekDirectory(request.inodeNr(), cookie, listing::add);
    } else {
      namespace.readDirectory(request.inodeNr(), cookie, listing::add);
    }
    if (plus) {
      listing.referToAll();
    }
    request.reply((int) listing.usedBytes);
  }

  /** Entries on their way into the payload of a request. */
  private final class Listing {
    private final MemorySegment memory;
    private final long start;
    private final long limit;
    private final long entryBytes;
    private long usedBytes;

    Listing(Request request, boolean plus, int size) {
      memory = request.memory();
      start = request.payloadAt();
      limit = size;
      entryBytes = plus ? EntryOut.BYTES : 0;
    }

    boolean add(long inodeNr, @Nullable FileKind kind, byte[] name, long cookie) {
      long length = entryBytes + paddedBytes(name.length);
      if (usedBytes + length > limit) {
        return false;
      }
      long at = start + usedBytes;
      memory.asSlice(at, length).fill((byte) 0);
      at += entryBytes;
      Dirent.inodeNr(memory, at, inodeNr);
      Dirent.cookie(memory, at, cookie);
      Dirent.nameBytes(memory, at, name.length);
      Dirent.type(memory, at, kind == null ? 0 : kind.modeBits() >>> MODE_KIND_SHIFT);
      MemorySegment.copy(name, 0, memory, JAVA_BYTE, at + Dirent.BYTES, name.length);
      usedBytes += length;
      return true;
    }

    /** Looks up all entries but the dots, as far as they can be; the others stay bare names. */
    void referToAll() throws Ext4Exception {
      long at = start;
      try {
        while (at < start + usedBytes) {
          if (!isDots(at)) {
            refer(at, Dirent.inodeNr(memory, at + entryBytes));
          }
          at = next(at);
        }
      } catch (Ext4Exception | RuntimeException e) {
        forgetBefore(at);
        throw e;
      }
    }

    /** Takes back the look-ups of an attempt that is given up. */
    private void forgetBefore(long end) throws Ext4Exception {
      for (long at = start; at < end; at = next(at)) {
        if (EntryOut.nodeId(memory, at) != 0) {
          namespace.forget(Dirent.inodeNr(memory, at + entryBytes), 1);
        }
      }
    }

    private long next(long at) {
      long dirent = at + entryBytes;
      return dirent + paddedBytes(Dirent.nameBytes(memory, dirent));
    }

    private void refer(long at, long inodeNr) throws Ext4Exception {
      try {
        attributes.putEntry(memory, at, namespace.refer(inodeNr));
      } catch (Ext4Exception e) {
        if (e.errno() != Errno.EUCLEAN && e.errno() != Errno.ENOENT) {
          throw e;
        }
      }
    }

    private boolean isDots(long at) {
      int nameBytes = Dirent.nameBytes(memory, at + entryBytes);
      long nameAt = at + entryBytes + Dirent.BYTES;
      return nameBytes <= 2
          && memory.get(JAVA_BYTE, nameAt) == '.'
          && (nameBytes == 1 || memory.get(JAVA_BYTE, nameAt + 1) == '.');
    }

    private static long paddedBytes(int nameBytes) {
      return (Dirent.BYTES + nameBytes + Long.BYTES - 1L) & -Long.BYTES;
    }
  }
}
