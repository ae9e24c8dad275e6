package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A POSIX access control list, in the form on disk and in the form that programs get.
 *
 * <pre>
 * disk     version 1   tag|perm            for owner, group, mask, others
 *                      tag|perm   id       for named users and groups
 * programs version 2   tag|perm   id       for all; id -1 where there is none
 * </pre>
 */
public final class PosixAcl {
  private static final int DISK_VERSION = 1;
  private static final int PROGRAM_VERSION = 2;
  private static final int HEADER_BYTES = 4;
  private static final int SHORT_ENTRY_BYTES = 4;
  private static final int ENTRY_BYTES = 8;
  private static final int TAG_USER_OBJ = 0x01;
  private static final int TAG_USER = 0x02;
  private static final int TAG_GROUP_OBJ = 0x04;
  private static final int TAG_GROUP = 0x08;
  private static final int TAG_MASK = 0x10;
  private static final int TAG_OTHER = 0x20;
  private static final long NO_ID = 0xffff_ffffL;

  private PosixAcl() {}

  /**
   * Turns a list from disk into what getxattr gives.
   *
   * @param place where it is, for messages
   */
  public static byte[] forPrograms(byte[] disk, String place) throws CorruptStructureException {
    MemorySegment in = MemorySegment.ofArray(disk);
    require(disk.length >= HEADER_BYTES, place, "size of the list", ">= 4", disk.length);
    long version = LittleEndian.u32(in, 0);
    require(version == DISK_VERSION, place, "a_version", "1", version);
    byte[] out = new byte[HEADER_BYTES + count(in, place) * ENTRY_BYTES];
    MemorySegment to = MemorySegment.ofArray(out);
    LittleEndian.put32(to, 0, PROGRAM_VERSION);
    int at = HEADER_BYTES;
    for (int target = HEADER_BYTES; target < out.length; target += ENTRY_BYTES) {
      int tag = LittleEndian.u16(in, at);
      LittleEndian.put16(to, target, tag);
      LittleEndian.put16(to, target + 2, LittleEndian.u16(in, at + 2));
      LittleEndian.put32(to, target + 4, hasId(tag) ? LittleEndian.u32(in, at + 4) : NO_ID);
      at += entryBytes(tag);
    }
    return out;
  }

  /**
   * Turns what setxattr takes into a list for disk.
   *
   * @return null if it is no list
   */
  public static byte @Nullable [] forDisk(byte[] forPrograms) {
    MemorySegment in = MemorySegment.ofArray(forPrograms);
    int length = forPrograms.length - HEADER_BYTES;
    if (length <= 0 || length % ENTRY_BYTES != 0 || LittleEndian.u32(in, 0) != PROGRAM_VERSION) {
      return null;
    }
    byte[] out = new byte[forPrograms.length];
    MemorySegment to = MemorySegment.ofArray(out);
    LittleEndian.put32(to, 0, DISK_VERSION);
    int target = HEADER_BYTES;
    for (int at = HEADER_BYTES; at < forPrograms.length; at += ENTRY_BYTES) {
      int tag = LittleEndian.u16(in, at);
      if (tagName(tag).isEmpty() || LittleEndian.u16(in, at + 2) > 7) {
        return null;
      }
      LittleEndian.put16(to, target, tag);
      LittleEndian.put16(to, target + 2, LittleEndian.u16(in, at + 2));
      if (hasId(tag)) {
        LittleEndian.put32(to, target + 4, LittleEndian.u32(in, at + 4));
      }
      target += entryBytes(tag);
    }
    return Arrays.copyOf(out, target);
  }

  /** The permission bits that a list, as programs have it, stands for in a mode. */
  public static int permissions(byte[] forPrograms) {
    int group = permissions(forPrograms, TAG_MASK);
    if (group < 0) {
      group = permissions(forPrograms, TAG_GROUP_OBJ);
    }
    return Math.max(0, permissions(forPrograms, TAG_USER_OBJ)) << 6
        | Math.max(0, group) << 3
        | Math.max(0, permissions(forPrograms, TAG_OTHER));
  }

  /** Whether a list says no more than permission bits do. */
  public static boolean isMinimal(byte[] forPrograms) {
    return forPrograms.length == HEADER_BYTES + 3 * ENTRY_BYTES
        && permissions(forPrograms, TAG_MASK) < 0;
  }

  /** A list, as programs have it, after chmod: owner, mask or group, and others follow the mode. */
  public static byte[] withMode(byte[] forPrograms, int mode) {
    byte[] changed = forPrograms.clone();
    boolean masked = permissions(forPrograms, TAG_MASK) >= 0;
    put(changed, TAG_USER_OBJ, mode >>> 6 & 7);
    put(changed, masked ? TAG_MASK : TAG_GROUP_OBJ, mode >>> 3 & 7);
    put(changed, TAG_OTHER, mode & 7);
    return changed;
  }

  /** The list of a new file in a directory with this default list, with its mode's bits at most. */
  public static byte[] inherited(byte[] defaults, int mode) {
    return withMode(defaults, permissions(defaults) & mode);
  }

  private static int permissions(byte[] forPrograms, int tag) {
    MemorySegment in = MemorySegment.ofArray(forPrograms);
    for (int at = HEADER_BYTES; at + ENTRY_BYTES <= forPrograms.length; at += ENTRY_BYTES) {
      if (LittleEndian.u16(in, at) == tag) {
        return LittleEndian.u16(in, at + 2) & 7;
      }
    }
    return -1;
  }

  private static void put(byte[] forPrograms, int tag, int permissions) {
    MemorySegment in = MemorySegment.ofArray(forPrograms);
    for (int at = HEADER_BYTES; at + ENTRY_BYTES <= forPrograms.length; at += ENTRY_BYTES) {
      if (LittleEndian.u16(in, at) == tag) {
        LittleEndian.put16(in, at + 2, permissions);
      }
    }
  }

  /** Shows a list as getfacl does, such as "user::rw-,user:1000:r--,mask::r--,other::r--". */
  public static String text(byte[] forPrograms) {
    MemorySegment in = MemorySegment.ofArray(forPrograms);
    StringBuilder text = new StringBuilder();
    for (int at = HEADER_BYTES; at + ENTRY_BYTES <= forPrograms.length; at += ENTRY_BYTES) {
      int tag = LittleEndian.u16(in, at);
      int perm = LittleEndian.u16(in, at + 2);
      text.append(text.isEmpty() ? "" : ",").append(tagName(tag)).append(':');
      if (hasId(tag)) {
        text.append(LittleEndian.u32(in, at + 4));
      }
      text.append(':').append((perm & 4) != 0 ? 'r' : '-').append((perm & 2) != 0 ? 'w' : '-');
      text.append((perm & 1) != 0 ? 'x' : '-');
    }
    return text.toString();
  }

  private static int count(MemorySegment in, String place) throws CorruptStructureException {
    int count = 0;
    long at = HEADER_BYTES;
    while (at < in.byteSize()) {
      require(at + SHORT_ENTRY_BYTES <= in.byteSize(), place, "size of an entry", ">= 4", at);
      int tag = LittleEndian.u16(in, at);
      require(!tagName(tag).isEmpty(), place, "e_tag", "1, 2, 4, 8, 16 or 32", tag);
      at += entryBytes(tag);
      count++;
    }
    require(at == in.byteSize(), place, "end of the last entry", "" + in.byteSize(), at);
    return count;
  }

  private static int entryBytes(int tag) {
    return hasId(tag) ? ENTRY_BYTES : SHORT_ENTRY_BYTES;
  }

  private static boolean hasId(int tag) {
    return tag == TAG_USER || tag == TAG_GROUP;
  }

  private static String tagName(int tag) {
    return switch (tag) {
      case TAG_USER_OBJ, TAG_USER -> "user";
      case TAG_GROUP_OBJ, TAG_GROUP -> "group";
      case TAG_MASK -> "mask";
      case TAG_OTHER -> "other";
      default -> "";
    };
  }

  private static void require(
      boolean holds, String place, String predicate, String expected, long found)
      throws CorruptStructureException {
    if (!holds) {
      throw new CorruptStructureException(place, predicate, expected, Long.toString(found));
    }
  }
}
