package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import dev.dioring.ext4lite.testimage.RawDirectory;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and volumes that few people have, but some do. */
class OddImageTest {
  private static final long SEED = 20261123;

  private @TempDir Path directory;
  private Path content = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void makeContent() throws Exception {
    content = Files.createDirectory(directory.resolve("content"));
    file = directory.resolve("disk.img");
  }

  /** Every second block is a hole: an extent for each of the others. */
  @ParameterizedTest
  @ValueSource(ints = {3_000, 30_000})
  void deepExtentTrees(int extents) throws Exception {
    byte[] block = new byte[1024];
    Random random = new Random(SEED);
    try (RandomAccessFile out = new RandomAccessFile(content.resolve("f").toFile(), "rw")) {
      for (int i = 0; i < extents; i++) {
        random.nextBytes(block);
        out.seek(2048L * i);
        out.write(block);
      }
    }
    String size = 8 + extents / 600 + "M";
    Ext4Image.populated(file, size, content, "-b", "1024", "-O", "^has_journal").assertClean();
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY);
        Arena arena = Arena.ofShared()) {
      Ext4Inode inode = volume.resolve("/f");
      int depth = ExtentNode.depth(inode.raw().memory(), Inode.BLOCK_OFFSET);
      assertEquals(extents > 28_224 ? 3 : 2, depth);
      MemorySegment memory = arena.allocate(1 << 20, 4096);
      Random expected = new Random(SEED);
      try (Ext4File f = volume.openFile(inode, false)) {
        for (long at = 0; at < f.sizeBytes(); at += memory.byteSize()) {
          long count = f.io().read(at, memory, 0);
          assertEquals(Math.min(memory.byteSize(), f.sizeBytes() - at), count);
          for (long i = 0; i < count; i += 1024) {
            Arrays.fill(block, (byte) 0);
            if ((at + i) % 2048 == 0) {
              expected.nextBytes(block);
            }
            assertEquals(
                -1,
                MemorySegment.ofArray(block).mismatch(memory.asSlice(i, 1024)),
                "at " + (at + i) + ", seed " + SEED);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-t ext2", "-t ext3"})
  void threeLevelsOfBlockMaps(String options) throws Exception {
    // The third level starts behind 12 + 256 + 65,536 blocks.
    long[] places = {
      0, 11 << 10, 12 << 10, 268 << 10, 65_803L << 10, 65_804L << 10, 200_000L << 10
    };
    try (RandomAccessFile out = new RandomAccessFile(content.resolve("f").toFile(), "rw")) {
      for (long at : places) {
        out.seek(at);
        out.write(("at " + at).getBytes(StandardCharsets.US_ASCII));
      }
    }
    String[] all = (options + " -b 1024").split(" ");
    Ext4Image image = Ext4Image.populated(file, "8M", content, all);
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      Ext4Inode inode = volume.resolve("/f");
      assertFalse(inode.raw().has(Inode.FLAG_EXTENTS));
      for (long at : places) {
        assertEquals(
            "at " + at, text(volume, inode, at & -4096, (int) (at & 4095), ("at " + at).length()));
      }
      assertEquals("\0", text(volume, inode, 100L << 20, 0, 1));
      assertEquals(places[6] + ("at " + places[6]).length(), inode.sizeBytes());
    }
  }

  @Test
  void sizesUpToTheLargest() throws Exception {
    Files.writeString(content.resolve("f"), "start");
    Ext4Image image = Ext4Image.populated(file, "8M", content, "-b", "4096");
    for (long size : new long[] {1L << 44, (1L << 44) - 4096, (1L << 53) + 1, 1L << 62}) {
      image.debugfsWrite("set_inode_field /f size " + size);
      try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
        Ext4Inode inode = volume.resolve("/f");
        assertEquals(size, inode.sizeBytes());
        assertEquals("start\0", text(volume, inode, 0, 0, 6));
        assertEquals("\0\0", text(volume, inode, size / 2 & -4096, 0, 2));
        assertEquals("\0", text(volume, inode, size - 1 & -4096, 0, 1));
        try (Ext4File f = volume.openFile(inode, false);
            Arena arena = Arena.ofShared()) {
          MemorySegment memory = arena.allocate(8192, 4096);
          long last = size - 1 & -4096;
          assertEquals(size - last, f.io().read(last, memory.asSlice(0, 4096), 0));
          if (size < 1L << 60) {
            assertEquals(0, f.io().read((size + 4095) & -4096, memory, 0));
          }
        }
      }
    }
  }

  @Test
  void attributesInInodesOfTheirOwn() throws Exception {
    Files.createFile(content.resolve("f"));
    Ext4Image image = Ext4Image.populated(file, "8M", content, "-O", "ea_inode,^has_journal");
    Map<String, byte[]> values = new HashMap<>();
    try (LoopMount mount = LoopMount.writable(file, directory.resolve("mounted"))) {
      for (int size : new int[] {3_000, 4_096, 4_097, 20_000, 65_536}) {
        byte[] value = new byte[size];
        new Random(SEED + size).nextBytes(value);
        values.put("user.size" + size, value);
        String text = "0s" + Base64.getEncoder().encodeToString(value);
        String target = mount.directory().resolve("f").toString();
        ExternalTool.run("setfattr", "-n", "user.size" + size, "-v", text, target);
      }
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      Ext4Inode inode = volume.resolve("/f");
      assertEquals(values.keySet(), Set.copyOf(inode.xattrNames()));
      for (Map.Entry<String, byte[]> entry : values.entrySet()) {
        assertArrayEquals(entry.getValue(), inode.xattr(entry.getKey()), entry.getKey());
      }
      assertNull(inode.xattr("user.none"));
    }
  }

  @Test
  void accessControlLists() throws Exception {
    ExternalTool.assumeInstalled("setfacl");
    Files.createFile(content.resolve("f"));
    Files.createDirectory(content.resolve("d"));
    Ext4Image.populated(file, "8M", content, "-O", "^has_journal");
    Map<String, FileFacts> kernel;
    try (LoopMount mount = LoopMount.writable(file, directory.resolve("mounted"))) {
      String f = mount.directory().resolve("f").toString();
      String d = mount.directory().resolve("d").toString();
      ExternalTool.run("setfacl", "-m", "u:1234:rw,g:70000:r,u:3000000000:x", f);
      ExternalTool.run("setfacl", "-d", "-m", "u:1:rwx,o::r", d);
    }
    try (LoopMount mount = LoopMount.readOnly(file, directory.resolve("mounted"))) {
      kernel = KernelFacts.of(mount.directory());
    }
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      assertEquals(List.of("system.posix_acl_access"), volume.resolve("/f").xattrNames());
      VolumeFacts.of(volume)
          .forEach(
              (path, facts) ->
                  assertEquals(kernel.get(path), facts.restrictedTo(kernel.get(path)), path));
    }
  }

  @Test
  void specialFilesAndDots() throws Exception {
    Files.createDirectories(content.resolve("a/b"));
    Files.createSymbolicLink(content.resolve("a/up"), Path.of("../a/./b/.."));
    Files.createSymbolicLink(content.resolve("round"), Path.of("round2"));
    Files.createSymbolicLink(content.resolve("round2"), Path.of("/round"));
    Ext4Image image = Ext4Image.populated(file, "8M", content);
    image.debugfsWrite("mknod socket p", "set_inode_field /socket mode 0140755");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      assertEquals(FileKind.SOCKET, volume.resolve("/socket").kind());
      assertEquals(
          Errno.EINVAL, failure(() -> volume.openFile(volume.resolve("/socket"), false)).errno());
      long a = volume.resolve("/a").inodeNr();
      for (String path : List.of("a/", "/./a/.", "//a//b/..", "/a/b/../../a", "/a/up", "../../a")) {
        assertEquals(a, volume.resolve(path).inodeNr(), path);
      }
      assertEquals(2, volume.resolve("").inodeNr());
      assertEquals(Errno.ELOOP, failure(() -> volume.resolve("/round")).errno());
      assertEquals(FileKind.SYMLINK, volume.resolve("/round", false).kind());
    }
  }

  @Test
  void namesOfCaseInsensitiveDirectoriesAreFoundHoweverTheyAreSpelled() throws Exception {
    Ext4Image image =
        Ext4Image.make(
            file, "8M", "-b", "1024", "-O", "casefold,^has_journal", "-E", "encoding=utf8");
    List<String> names = IntStream.range(0, 500).mapToObj(i -> "Some-NAME-" + i).toList();
    RawDirectory.add(image, "folded", names, 1024, directory.resolve("scratch"));
    // EXTENTS, INDEX, CASEFOLD; e2fsck then orders by the hashes of folded names.
    image.debugfsWrite("set_inode_field /folded flags 0x40081000");
    image.settle("-D");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      Ext4Inode folded = volume.resolve("/folded");
      assertTrue(folded.raw().has(Inode.FLAG_CASEFOLD) && folded.raw().has(Inode.FLAG_INDEX));
      long target = volume.resolve("/target").inodeNr();
      for (String name : names) {
        assertEquals(target, folded.lookUp(name), name);
      }
      assertEquals(target, folded.lookUp("some-name-0"));
      assertEquals(target, folded.lookUp("\u017fOME-name-499"));
      assertEquals(0, folded.lookUp("some-name-500"));
      assertTrue(volume.warnings().toString().contains("casefold"));
      Set<String> listed = new HashSet<>();
      InodeAttributes found =
          volume.namespace().lookup(2, "folded".getBytes(StandardCharsets.UTF_8));
      long[] at = {0};
      int[] room = {7};
      int before;
      do {
        before = listed.size();
        volume
            .namespace()
            .readDirectory(
                found.inodeNr(),
                at[0],
                (nr, kind, name, cookie) -> {
                  if (room[0]-- == 0) {
                    return false;
                  }
                  at[0] = cookie;
                  return listed.add(new String(name, StandardCharsets.UTF_8));
                });
        room[0] = 7;
      } while (listed.size() > before);
      assertEquals(502, listed.size());
      volume.namespace().forget(found.inodeNr(), 1);
    }
  }

  @Test
  void encryptedAndSealedFiles() throws Exception {
    Files.writeString(content.resolve("secret"), "ciphertext");
    Files.writeString(content.resolve("sealed"), "sealed");
    Files.createSymbolicLink(content.resolve("link"), Path.of("ciphertext"));
    Files.createFile(Files.createDirectory(content.resolve("dir")).resolve("ciphertext"));
    Ext4Image image = Ext4Image.populated(file, "8M", content, "-O", "encrypt,verity,^has_journal");
    image.debugfsWrite(
        "set_inode_field /secret flags 0x80800",
        "set_inode_field /sealed flags 0x180000",
        "set_inode_field /link flags 0x800",
        "set_inode_field /dir flags 0x80800");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      Ext4Exception e = failure(() -> volume.openFile(volume.resolve("/secret"), false));
      assertEquals(Errno.ENOKEY, e.errno());
      assertTrue(String.valueOf(e.getMessage()).contains("encrypted"), e.getMessage());
      assertEquals(10, volume.resolve("/secret").sizeBytes());
      assertEquals(Errno.ENOKEY, failure(() -> volume.resolve("/link")).errno());
      try (DirectoryCursor cursor = volume.resolve("/dir").openDirectory()) {
        do {
          assertTrue(cursor.next());
        } while (cursor.isDots());
        String name = cursor.name();
        byte[] shown = Base64.getUrlDecoder().decode(name);
        assertEquals("ciphertext", new String(shown, 8, 10, StandardCharsets.UTF_8));
        assertEquals(cursor.inodeNr(), volume.resolve("/dir/" + name).inodeNr());
        assertEquals(0, volume.resolve("/dir").lookUp("ciphertext"));
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        long nr = volume.resolve("/dir").inodeNr();
        Ext4Exception refused =
            assertThrows(Ext4Exception.class, () -> volume.namespace().unlink(nr, bytes));
        assertEquals(Errno.ENOKEY, refused.errno());
      }
      Ext4Inode sealed = volume.resolve("/sealed");
      assertEquals("sealed", text(volume, sealed, 0, 0, 6));
      e = failure(() -> volume.openFile(sealed, true));
      assertEquals(Errno.EPERM, e.errno());
      assertTrue(String.valueOf(e.getMessage()).contains("verity"), e.getMessage());
    }
  }

  @Test
  void resizedImages() throws Exception {
    for (int i = 0; i < 200; i++) {
      Files.writeString(content.resolve("file-" + i), "content of " + i + "x".repeat(i * 50));
    }
    Ext4Image image = Ext4Image.populated(file, "20M", content, "-b", "1024", "-g", "1024");
    Map<String, String> before = contents();
    assertEquals(202, before.size());
    for (String size : new String[] {"90M", "10M"}) {
      ExternalTool.run("e2fsck", "-fp", file.toString());
      ExternalTool.run("resize2fs", file.toString(), size);
      image.assertClean();
      assertEquals(before, contents(), size);
    }
  }

  /** What resizing leaves as it is; inodes and blocks may move. */
  private Map<String, String> contents() throws Exception {
    FileFacts kept = new FileFacts().put("content", "").put("mode", "").put("mtime", "");
    Map<String, String> all = new TreeMap<>();
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      VolumeFacts.of(volume)
          .forEach((path, facts) -> all.put(path, facts.restrictedTo(kept).toString()));
    }
    return all;
  }

  private interface Call {
    Object run() throws Exception;
  }

  private static Ext4Exception failure(Call call) {
    return assertThrows(Ext4Exception.class, call::run);
  }

  private static String text(Ext4Volume volume, Ext4Inode inode, long at, int from, int length)
      throws Exception {
    try (Ext4File f = volume.openFile(inode, false);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(8192, 4096);
      long count = f.io().read(at, memory.asSlice(0, at > Long.MAX_VALUE - 8192 ? 4096 : 8192), 0);
      assertTrue(count >= from + length, "read " + count + " at " + at);
      return new String(
          memory.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
  }
}
