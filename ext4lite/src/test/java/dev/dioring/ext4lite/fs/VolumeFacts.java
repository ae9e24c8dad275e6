package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** What ext4lite says about the files of a volume, by path. */
final class VolumeFacts {
  private static final int CHUNK_BYTES = 1 << 18;

  private VolumeFacts() {}

  /** Opens an image in memory, for reading only. */
  static Ext4Volume open(Ext4Image image) throws IOException {
    return open(image.bytes());
  }

  static Ext4Volume open(byte[] image) throws IOException {
    return open(image, VolumeOptions.READ_ONLY);
  }

  static Ext4Volume open(byte[] image, VolumeOptions options) throws IOException {
    MemoryBlockDevice device = new MemoryBlockDevice("image", (image.length + 511) & ~511);
    MemorySegment.copy(MemorySegment.ofArray(image), 0, device.medium(), 0, image.length);
    boolean opened = false;
    try {
      Ext4Volume volume = Ext4Volume.open(device, options);
      opened = true;
      return volume;
    } finally {
      if (!opened) {
        device.close();
      }
    }
  }

  static Map<String, FileFacts> of(Ext4Volume volume) throws IOException {
    Map<String, FileFacts> all = new TreeMap<>();
    walk(volume, volume.root(), "/", all);
    return all;
  }

  private static void walk(
      Ext4Volume volume, Ext4Inode inode, String path, Map<String, FileFacts> all)
      throws IOException {
    all.put(path, of(volume, inode));
    if (!inode.isDirectory()) {
      return;
    }
    try (DirectoryCursor cursor = inode.openDirectory()) {
      while (cursor.next()) {
        if (!cursor.isDots()) {
          Ext4Inode child = volume.inode(cursor.inodeNr());
          FileKind noted = cursor.kind();
          if (noted != null && noted != child.kind()) {
            throw new AssertionError(path + cursor.name() + " is noted as " + noted);
          }
          String prefix = path.equals("/") ? "/" : path + "/";
          walk(volume, child, prefix + cursor.name(), all);
        }
      }
    }
  }

  static FileFacts of(Ext4Volume volume, Ext4Inode inode) throws IOException {
    FileFacts facts = new FileFacts();
    facts.put("mode", Integer.toOctalString(inode.mode())).put("inode", inode.inodeNr());
    facts.put("links", inode.linksCount()).put("uid", inode.uid()).put("gid", inode.gid());
    facts.put("size", inode.sizeBytes()).put("sectors", inode.sectors());
    facts.put("flags", Integer.toHexString(inode.flags()));
    facts.put("generation", Integer.toUnsignedString(inode.generation()));
    facts.put("project", inode.projectId());
    facts.put("mtime", inode.modificationTime()).put("atime", inode.accessTime());
    facts.put("ctime", inode.changeTime()).put("crtime", inode.creationTime());
    Map<String, String> xattrs = new TreeMap<>();
    for (String name : inode.xattrNames()) {
      byte[] value = Objects.requireNonNull(inode.xattr(name), name);
      xattrs.put(name, HexFormat.of().formatHex(value));
    }
    facts.put("xattrs", xattrs);
    switch (inode.kind()) {
      case SYMLINK -> facts.put("target", inode.readSymlink());
      case REGULAR -> facts.put("content", checksum(volume, inode));
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          facts.put("device", inode.deviceMajor() + ":" + inode.deviceMinor());
      default -> {}
    }
    return facts;
  }

  static String checksum(Ext4Volume volume, Ext4Inode inode) throws IOException {
    CRC32C crc = new CRC32C();
    try (Arena arena = Arena.ofShared();
        Ext4File file = volume.openFile(inode, false)) {
      MemorySegment chunk = arena.allocate(CHUNK_BYTES, 4096);
      long position = 0;
      while (true) {
        long count = file.io().read(position, chunk, 0);
        if (count < 0) {
          throw new IOException("read of inode " + inode.inodeNr() + " gives " + count);
        }
        crc.update(chunk.asSlice(0, count).asByteBuffer());
        position += count;
        if (count < CHUNK_BYTES) {
          return Long.toHexString(crc.getValue());
        }
      }
    }
  }
}
