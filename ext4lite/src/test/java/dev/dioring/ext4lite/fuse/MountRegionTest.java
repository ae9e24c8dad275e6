package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A filesystem that is a part of an image, by its place and by its number. */
class MountRegionTest {
  private static final int START_BYTES = 1 << 20;
  private static final int SECTOR_BYTES = 512;

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @Test
  void partitionsAndOffsetsAreMounted() throws Exception {
    Ext4Image plain = Ext4Image.make(temp.resolve("plain"), "16M");
    byte[] filesystem = plain.bytes();
    Path disk = temp.resolve("disk");
    Files.write(disk, bootRecord(filesystem.length));
    try (RandomAccessFile out = new RandomAccessFile(disk.toFile(), "rw")) {
      out.seek(START_BYTES);
      out.write(filesystem);
      out.setLength(START_BYTES + filesystem.length + START_BYTES);
    }
    try (MountedImage mount = MountedImage.mount(disk, temp.resolve("one"), "partition=1")) {
      mount.run("seq 100000 > numbers");
    }
    try (MountedImage mount =
        MountedImage.mount(disk, temp.resolve("two"), "offset=" + START_BYTES)) {
      assertEquals(
          ExternalTool.run("sh", "-c", "seq 100000 | sha256sum"), mount.run("sha256sum < numbers"));
    }
    byte[] after = Files.readAllBytes(disk);
    byte[] part = java.util.Arrays.copyOfRange(after, START_BYTES, START_BYTES + filesystem.length);
    Ext4Image.of(Files.write(temp.resolve("part"), part)).assertClean();
    assertEquals(0, after[after.length - 1]);
  }

  private static byte[] bootRecord(int lengthBytes) {
    ByteBuffer record = ByteBuffer.allocate(SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    record.put(446 + 4, (byte) 0x83);
    record.putInt(446 + 8, START_BYTES / SECTOR_BYTES);
    record.putInt(446 + 12, lengthBytes / SECTOR_BYTES);
    return record.putShort(510, (short) 0xaa55).array();
  }
}
