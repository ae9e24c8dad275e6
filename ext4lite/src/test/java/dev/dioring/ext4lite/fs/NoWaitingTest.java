package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.engine.threads.Waiting;
import dev.dioring.engine.threads.WouldWaitException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Attempts to look at a volume by a thread that must not wait for metadata to be read. */
class NoWaitingTest {
  private static final NewInode FILE = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
  private static final NewInode DIRECTORY = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
  private static final int FILES = 400;

  @TempDir Path temp;

  @AfterEach
  void permit() {
    boolean unused = Waiting.forbid(false);
  }

  @Test
  void whatIsNotInMemoryIsGivenUpWithoutATrace() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "32M", "-O", "^has_journal");
    long directory;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      directory = namespace.makeDirectory(2, bytes("d"), DIRECTORY).inodeNr();
      for (int i = 0; i < FILES; i++) {
        InodeAttributes made = namespace.create(directory, bytes("file-" + i), FILE);
        namespace.forget(made.inodeNr(), 1);
      }
    }
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      Ext4Namespace namespace = volume.namespace();
      int inUse = volume.stats().inodes();
      List<Executable> looks =
          List.of(
              () -> namespace.lookup(directory, bytes("file-7")),
              () -> namespace.attributes(directory),
              () -> namespace.readDirectory(directory, 0, (nr, kind, name, cookie) -> true));
      boolean unused = Waiting.forbid(true);
      for (Executable look : looks) {
        assertThrows(WouldWaitException.class, look);
      }
      assertEquals(inUse, volume.stats().inodes());
      unused = Waiting.forbid(false);
      List<String> listed = new ArrayList<>();
      namespace.readDirectory(directory, 0, collect(listed::add));
      assertEquals(FILES + 2, listed.size());
      InodeAttributes found = namespace.lookup(directory, bytes("file-7"));

      unused = Waiting.forbid(true);
      List<String> again = new ArrayList<>();
      namespace.readDirectory(directory, 0, collect(again::add));
      assertEquals(listed, again);
      assertEquals(found, namespace.lookup(directory, bytes("file-7")));
      namespace.forget(found.inodeNr(), 2);
      assertEquals(inUse, volume.stats().inodes());
    }
  }

  private static EntrySink collect(Consumer<String> names) {
    return (nr, kind, name, cookie) -> {
      names.accept(new String(name, StandardCharsets.UTF_8));
      return true;
    };
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
