package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads where a symbolic link points: in i_block, in a block of its own, or inline. */
final class SymlinkTarget {
  private SymlinkTarget() {}

  static byte[] read(VolumeReader volume, Ext4Inode link) throws IOException {
    Inode inode = link.raw();
    int length = (int) link.sizeBytes();
    byte[] target;
    if (link.isInline()) {
      target = new InlineData(volume, link).content();
    } else if (InodeCheck.isFastSymlink(inode)) {
      target = bytes(inode.memory(), inode.byteOffset() + Inode.BLOCK_OFFSET, length);
    } else {
      target = readBlock(volume, link, length);
    }
    for (byte b : target) {
      if (b == 0) {
        throw new CorruptStructureException(
            "symlink " + link.inodeNr(), "its target", length + " bytes without NUL", "a NUL");
      }
    }
    return target;
  }

  private static byte[] readBlock(VolumeReader volume, Ext4Inode link, int length)
      throws IOException {
    ExtentRun run = new ExtentRun();
    link.map().lookUp(0, run);
    if (run.state != ExtentRun.State.WRITTEN) {
      throw new CorruptStructureException(
          "symlink " + link.inodeNr(), "its block 0", "written", run.state.toString());
    }
    try (MetadataBuffer buffer = volume.context().cache().get(run.startBlockNr)) {
      return bytes(buffer.data(), 0, length);
    }
  }

  private static byte[] bytes(MemorySegment memory, long offset, int length) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    return bytes;
  }
}
