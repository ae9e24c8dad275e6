package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.Attr;
import dev.dioring.bindings.fuse.AttrOut;
import dev.dioring.bindings.fuse.EntryOut;
import dev.dioring.bindings.fuse.Stat;
import dev.dioring.bindings.fuse.StatxOut;
import dev.dioring.bindings.fuse.SxTime;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/**
 * How attributes are told to the kernel. Nobody else changes the volume, so what the kernel caches
 * stays right until it changes it itself.
 */
final class Attributes {
  private static final long VALID_SECONDS = 24 * 60 * 60;
  private static final int MINOR_LOW_BITS = 0xff;
  private static final int MAJOR_MASK = 0xfff;
  private static final int MAJOR_SHIFT = 8;
  private static final int MINOR_HIGH_SHIFT = 12;

  private final Owner owner;

  Attributes(Owner owner) {
    this.owner = owner;
  }

  /** Who everything is shown to belong to. */
  Owner owner() {
    return owner;
  }

  /** Replies with attributes. */
  void reply(Request request, InodeAttributes inode) {
    long at = request.body(AttrOut.BYTES);
    MemorySegment memory = request.memory();
    AttrOut.validSeconds(memory, at, validSeconds(inode));
    put(memory, at + AttrOut.ATTR, inode);
    request.reply(AttrOut.BYTES);
  }

  /** Replies with a node that was found or made, whose lookup the kernel counts now. */
  void replyEntry(Request request, InodeAttributes inode) {
    long at = request.body(EntryOut.BYTES);
    putEntry(request.memory(), at, inode);
    request.reply(EntryOut.BYTES);
  }

  /** Replies that there is no such name, which the kernel may remember. */
  void replyNoEntry(Request request) {
    long at = request.body(EntryOut.BYTES);
    EntryOut.entryValidSeconds(request.memory(), at, VALID_SECONDS);
    request.reply(EntryOut.BYTES);
  }

  /** Writes an entry into memory that is zeroed. */
  void putEntry(MemorySegment memory, long at, InodeAttributes inode) {
    EntryOut.nodeId(memory, at, Nodes.nodeId(inode.inodeNr()));
    EntryOut.generation(memory, at, Integer.toUnsignedLong(inode.generation()));
    EntryOut.entryValidSeconds(memory, at, VALID_SECONDS);
    EntryOut.attrValidSeconds(memory, at, validSeconds(inode));
    put(memory, at + EntryOut.ATTR, inode);
  }

  /** Replies with what statx tells. */
  void replyStatx(Request request, InodeAttributes inode) {
    long at = request.body(StatxOut.BYTES);
    MemorySegment memory = request.memory();
    StatxOut.validSeconds(memory, at, validSeconds(inode));
    putStat(memory, at + StatxOut.STAT, inode);
    request.reply(StatxOut.BYTES);
  }

  /** The space that a file takes is another when what waits has been written. */
  private static long validSeconds(InodeAttributes inode) {
    return inode.settled() ? VALID_SECONDS : 0;
  }

  private void putStat(MemorySegment memory, long at, InodeAttributes inode) {
    Instant creation = inode.creationTime();
    Stat.mask(memory, at, creation == null ? Stat.BASIC : Stat.BASIC | Stat.BTIME);
    Stat.blockSizeBytes(memory, at, inode.blockSizeBytes());
    Stat.attributes(memory, at, inode.flags() & Stat.ATTRIBUTES);
    Stat.attributesMask(memory, at, Stat.ATTRIBUTES);
    Stat.links(memory, at, inode.links());
    Stat.uid(memory, at, (int) owner.shownUid(inode.uid()));
    Stat.gid(memory, at, (int) owner.shownGid(inode.gid()));
    Stat.mode(memory, at, inode.mode());
    Stat.inodeNr(memory, at, inode.inodeNr());
    Stat.sizeBytes(memory, at, inode.sizeBytes());
    Stat.sectors(memory, at, inode.sectors());
    putTime(memory, at + Stat.ACCESS, inode.accessTime());
    putTime(memory, at + Stat.MODIFICATION, inode.modificationTime());
    putTime(memory, at + Stat.CHANGE, inode.changeTime());
    if (creation != null) {
      putTime(memory, at + Stat.CREATION, creation);
    }
    Stat.deviceMajor(memory, at, inode.deviceMajor());
    Stat.deviceMinor(memory, at, inode.deviceMinor());
  }

  private static void putTime(MemorySegment memory, long at, Instant time) {
    SxTime.seconds(memory, at, time.getEpochSecond());
    SxTime.nanos(memory, at, time.getNano());
  }

  private void put(MemorySegment memory, long at, InodeAttributes inode) {
    Attr.inodeNr(memory, at, inode.inodeNr());
    Attr.sizeBytes(memory, at, inode.sizeBytes());
    Attr.sectors(memory, at, inode.sectors());
    Instant access = inode.accessTime();
    Attr.accessSeconds(memory, at, access.getEpochSecond());
    Attr.accessNanos(memory, at, access.getNano());
    Instant modification = inode.modificationTime();
    Attr.modificationSeconds(memory, at, modification.getEpochSecond());
    Attr.modificationNanos(memory, at, modification.getNano());
    Instant change = inode.changeTime();
    Attr.changeSeconds(memory, at, change.getEpochSecond());
    Attr.changeNanos(memory, at, change.getNano());
    Attr.mode(memory, at, inode.mode());
    Attr.links(memory, at, inode.links());
    Attr.uid(memory, at, (int) owner.shownUid(inode.uid()));
    Attr.gid(memory, at, (int) owner.shownGid(inode.gid()));
    Attr.device(memory, at, device(inode.deviceMajor(), inode.deviceMinor()));
    Attr.blockSizeBytes(memory, at, inode.blockSizeBytes());
  }

  /** The major number that {@link #device} packed. */
  static int major(int device) {
    return device >>> MAJOR_SHIFT & MAJOR_MASK;
  }

  /** The minor number that {@link #device} packed. */
  static int minor(int device) {
    return (device & MINOR_LOW_BITS) | (device >>> MINOR_HIGH_SHIFT & ~MINOR_LOW_BITS);
  }

  /** A device number as the kernel packs it into 32 bits. */
  static int device(int major, int minor) {
    return (minor & MINOR_LOW_BITS)
        | (major << MAJOR_SHIFT)
        | ((minor & ~MINOR_LOW_BITS) << MINOR_HIGH_SHIFT);
  }
}
