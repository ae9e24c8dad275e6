package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reading and writing a regular file whose content lies in its inode, or goes there first, until it
 * moves to a block for good. Takes the file's I/O lock.
 */
final class InlineContent {
  /** Not to be had from the inode: the content lies in blocks. */
  static final long IN_BLOCKS = Long.MIN_VALUE;

  private final RegularFile file;
  private final Journal journal;

  /** Null once the content lies in blocks. Guarded by the file's I/O lock. */
  private @Nullable InlineFile current;

  InlineContent(RegularFile file, InlineFile inline, Journal journal) {
    this.file = file;
    this.journal = journal;
    current = inline;
  }

  /**
   * Reads content that lies in the inode. Parks.
   *
   * @return bytes read, {@code -errno}, or {@link #IN_BLOCKS}
   */
  long read(Kiocb kiocb) {
    file.lock().shared();
    try {
      InlineFile now = current;
      if (now == null) {
        return IN_BLOCKS;
      }
      long position = kiocb.position();
      if (position < 0) {
        return -Errno.EINVAL;
      }
      byte[] content = now.content();
      long length = Math.clamp(content.length - position, 0, kiocb.lengthBytes());
      if (length > 0) {
        MemorySegment.copy(MemorySegment.ofArray(content), position, kiocb.memory(), 0, length);
      }
      return length;
    } catch (IOException e) {
      return file.failed(e);
    } finally {
      file.lock().releaseShared();
    }
  }

  /**
   * Writes into the inode where that has room, else moves the content to a bfile.lock(). Parks.
   *
   * @param flags as of {@link Kiocb}
   * @return bytes written, {@code -errno}, or {@link #IN_BLOCKS}
   */
  long write(long position, MemorySegment data, int flags) {
    file.lock().exclusive();
    try {
      InlineFile now = current;
      if (now == null) {
        return IN_BLOCKS;
      }
      if (position < 0) {
        return -Errno.EINVAL;
      }
      file.completions().inFlight().await();
      boolean keepsSize = (flags & Kiocb.KEEP_SIZE) != 0;
      long rest = keepsSize ? Math.max(0, file.sizeBytes() - position) : Long.MAX_VALUE - position;
      long length = Math.min(data.byteSize(), rest);
      if (length > 0 && !now.fits(Math.max(position + length, file.sizeBytes()))) {
        moveOut(now);
        return IN_BLOCKS;
      }
      if (length > 0) {
        boolean keepsTimes = (flags & Kiocb.KEEP_TIMES) != 0;
        try {
          now.write(file, position, data.asSlice(0, length), keepsTimes);
        } catch (Ext4Exception e) {
          if (e.errno() != Errno.ENOSPC) {
            throw e;
          }
          // An attribute was set since there was room.
          moveOut(now);
          return IN_BLOCKS;
        }
      }
    } catch (IOException e) {
      return file.failed(e);
    } finally {
      file.lock().releaseExclusive();
    }
    boolean syncs = (flags & (Kiocb.DSYNC | Kiocb.SYNC)) != 0;
    int result = syncs ? file.sync((flags & Kiocb.SYNC) == 0) : 0;
    return result < 0 ? result : data.byteSize();
  }

  /**
   * Resizes content that lies in the inode, or moves it to a block where it will not fit. The
   * caller has the exclusive file.lock().
   *
   * @return false if the content lies in blocks
   */
  boolean resize(long bytes) throws IOException {
    InlineFile now = current;
    if (now == null || (bytes == 0 && !now.isInline())) {
      return false;
    }
    if (now.isInline() && now.fits(bytes)) {
      now.resize(file, bytes);
      return true;
    }
    moveOut(now);
    return false;
  }

  /** Makes sure that the content lies in blocks. */
  void leave() throws IOException {
    file.alone(
        () -> {
          InlineFile now = current;
          if (now != null) {
            moveOut(now);
          }
        });
  }

  private void moveOut(InlineFile now) throws IOException {
    try {
      now.moveOut();
    } catch (NoSpaceException e) {
      SpaceRetry.after(
          e,
          journal,
          () -> {
            now.moveOut();
            return null;
          });
    }
    current = null;
    file.isInBlocks();
  }
}
