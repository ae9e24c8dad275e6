package dev.dioring.ext4lite.testimage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Large directories, quickly and without root: writes the blocks of a linear directory as a file's
 * content, turns the file into a directory, and lets e2fsck index it and mend counts.
 */
public final class RawDirectory {
  private static final int ENTRY_HEADER_BYTES = 8;
  private static final long ROOT = 2;
  private static final byte REGULAR = 1;
  private static final byte DIRECTORY = 2;

  private RawDirectory() {}

  /**
   * Adds a directory to the root of an image whose entries all lead to one empty file.
   *
   * @param blockSizeBytes the image's block size
   * @param scratch a file to use meanwhile
   */
  public static void add(
      Ext4Image image, String name, List<String> entries, int blockSizeBytes, Path scratch)
      throws IOException, InterruptedException {
    Files.write(scratch, new byte[0]);
    image.debugfsWrite("write " + scratch + " target", "write " + scratch + " " + name);
    long target = number(image, "/target");
    long self = number(image, "/" + name);
    Files.write(scratch, blocks(self, target, entries, blockSizeBytes));
    image.debugfsWrite(
        "kill_file /" + name,
        "rm /" + name,
        "write " + scratch + " " + name,
        "set_inode_field /" + name + " mode 040755",
        "set_inode_field /" + name + " links_count 2");
    if (number(image, "/" + name) != self) {
      throw new IOException("the directory's inode moved");
    }
    image.settle("-D");
    Files.delete(scratch);
  }

  private static long number(Ext4Image image, String path)
      throws IOException, InterruptedException {
    String output = image.debugfs("stat " + path);
    int at = output.indexOf("Inode: ") + "Inode: ".length();
    return Long.parseLong(output.substring(at, output.indexOf(' ', at)));
  }

  private static byte[] blocks(long self, long target, List<String> entries, int blockSizeBytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer block = ByteBuffer.allocate(blockSizeBytes).order(ByteOrder.LITTLE_ENDIAN);
    put(block, self, ".", DIRECTORY);
    int last = put(block, ROOT, "..", DIRECTORY);
    for (String entry : entries) {
      // Leaves room for the entry with the checksum.
      if (block.remaining() < ENTRY_HEADER_BYTES + entry.length() + 3 + 12) {
        finish(block, last, all);
      }
      last = put(block, target, entry, REGULAR);
    }
    finish(block, last, all);
    return all.toByteArray();
  }

  /** Appends an entry. @return where it starts */
  private static int put(ByteBuffer block, long inodeNr, String name, byte type) {
    int at = block.position();
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    int record = (ENTRY_HEADER_BYTES + bytes.length + 3) & ~3;
    block.putInt((int) inodeNr).putShort((short) record);
    block.put((byte) bytes.length).put(type).put(bytes).position(at + record);
    return at;
  }

  private static void finish(ByteBuffer block, int last, ByteArrayOutputStream all) {
    block.putShort(last + 4, (short) (block.capacity() - last));
    byte[] bytes = new byte[block.capacity()];
    block.get(0, bytes);
    all.writeBytes(bytes);
    block.put(0, new byte[block.capacity()]).clear();
  }
}
