package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What stat tells of an inode at one moment.
 *
 * @param inodeNr its number
 * @param generation told apart from earlier inodes with the same number
 * @param mode kind and permissions, as st_mode has them
 * @param links number of names; 0 of a file that was unlinked and is still in use
 * @param sectors space it takes, in units of 512 bytes; an estimate while some content has no
 *     blocks
 * @param settled whether they change by requests alone: nothing is still to be written
 * @param blockSizeBytes the filesystem's block size
 * @param flags i_flags, as lsattr shows them
 * @param version i_version, a counter of changes
 * @param deviceMajor major number of a device, else 0
 * @param deviceMinor minor number of a device, else 0
 * @param creationTime null where the inodes are too small to say
 */
public record InodeAttributes(
    long inodeNr,
    int generation,
    int mode,
    long uid,
    long gid,
    long projectId,
    int links,
    long sizeBytes,
    long sectors,
    boolean settled,
    int blockSizeBytes,
    int flags,
    long version,
    int deviceMajor,
    int deviceMinor,
    Instant accessTime,
    Instant modificationTime,
    Instant changeTime,
    @Nullable Instant creationTime) {
  /** The unit of {@link #sectors}. */
  static final int SECTOR_BYTES = 512;

  /** Takes them from an inode whose fields do not change meanwhile. */
  static InodeAttributes of(Ext4Inode inode, int blockSizeBytes) {
    FileKind kind = inode.kind();
    boolean device = kind == FileKind.CHARACTER_DEVICE || kind == FileKind.BLOCK_DEVICE;
    return new InodeAttributes(
        inode.inodeNr(),
        inode.generation(),
        inode.mode(),
        inode.uid(),
        inode.gid(),
        inode.projectId(),
        inode.linksCount(),
        inode.sizeBytes(),
        inode.sectors(),
        true,
        blockSizeBytes,
        inode.flags(),
        inode.version(),
        device ? inode.deviceMajor() : 0,
        device ? inode.deviceMinor() : 0,
        inode.accessTime(),
        inode.modificationTime(),
        inode.changeTime(),
        inode.creationTime());
  }

  /** The same with the time of a write that the inode does not have yet. */
  InodeAttributes withWriteTime(Instant time) {
    return new InodeAttributes(
        inodeNr,
        generation,
        mode,
        uid,
        gid,
        projectId,
        links,
        sizeBytes,
        sectors,
        settled,
        blockSizeBytes,
        flags,
        version,
        deviceMajor,
        deviceMinor,
        accessTime,
        time,
        time,
        creationTime);
  }

  /** The same with the time of a read that the inode does not have yet. */
  InodeAttributes withAccessTime(Instant time) {
    return new InodeAttributes(
        inodeNr,
        generation,
        mode,
        uid,
        gid,
        projectId,
        links,
        sizeBytes,
        sectors,
        settled,
        blockSizeBytes,
        flags,
        version,
        deviceMajor,
        deviceMinor,
        time,
        modificationTime,
        changeTime,
        creationTime);
  }

  /**
   * The same with content that is still in memory.
   *
   * @param start where it starts
   * @param end where it ends
   */
  InodeAttributes withContent(long start, long end) {
    long size = Math.max(sizeBytes, end);
    long mask = blockSizeBytes - 1L;
    // What it covers of a file without holes has blocks; that of others may not.
    long whole = ((sizeBytes + mask) & ~mask) / SECTOR_BYTES;
    long from = sectors < whole ? start : Math.max(start, sizeBytes + mask);
    long added = Math.max(0, ((end + mask) & ~mask) - (from & ~mask)) / SECTOR_BYTES;
    long most = Math.max(sectors, ((size + mask) & ~mask) / SECTOR_BYTES);
    return new InodeAttributes(
        inodeNr,
        generation,
        mode,
        uid,
        gid,
        projectId,
        links,
        size,
        Math.min(sectors + added, most),
        false,
        blockSizeBytes,
        flags,
        version,
        deviceMajor,
        deviceMinor,
        accessTime,
        modificationTime,
        changeTime,
        creationTime);
  }

  public FileKind kind() {
    FileKind kind = FileKind.ofMode(mode);
    if (kind == null) {
      throw new IllegalStateException("inode " + inodeNr + " has no kind");
    }
    return kind;
  }
}
