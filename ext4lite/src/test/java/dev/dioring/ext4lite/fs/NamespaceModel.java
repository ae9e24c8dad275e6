package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A tree in memory that goes through the same random changes as a volume. */
final class NamespaceModel {
  private static final int NAMES = 400;

  /** A file of the model. */
  private static final class Node {
    final FileKind kind;
    final long inodeNr;
    final Map<String, Node> children = new TreeMap<>();
    int links;
    byte[] target = {};

    Node(FileKind kind, long inodeNr, int links) {
      this.kind = kind;
      this.inodeNr = inodeNr;
      this.links = links;
    }
  }

  private final Random random;
  private final Node root = new Node(FileKind.DIRECTORY, Ext4Inode.ROOT_NR, 2);
  private final List<Node> directories = new ArrayList<>(List.of(root));

  NamespaceModel(long seed) {
    random = new Random(seed);
    Node lost = new Node(FileKind.DIRECTORY, 11, 2);
    root.children.put("lost+found", lost);
    root.links++;
  }

  void run(Ext4Namespace names, int steps) throws Exception {
    for (int i = 0; i < steps; i++) {
      step(names);
    }
  }

  private void step(Ext4Namespace names) throws Exception {
    Node parent = directories.get(random.nextInt(directories.size()));
    String name = name();
    Node present = parent.children.get(name);
    int errno =
        switch (random.nextInt(14)) {
          case 0 -> makeDirectory(names, parent, name, present);
          case 1 -> makeSymlink(names, parent, name, present);
          case 2 -> link(names, parent, name, present);
          case 3 -> makeNode(names, parent, name, present);
          case 4, 5 -> unlink(names, parent, name, present);
          case 6 -> removeDirectory(names, parent, name, present);
          case 7, 8, 9, 10 -> rename(names, parent, name, present);
          default -> create(names, parent, name, present);
        };
    assertEquals(0, errno);
  }

  private String name() {
    int number = random.nextInt(NAMES);
    return "n" + "x".repeat(number % 97) + number;
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private interface Operation {
    void run() throws Ext4Exception;
  }

  /** Runs an operation and compares its errno. @return 0 if it is as expected */
  private static int expect(int errno, Operation operation) {
    try {
      operation.run();
      return errno == 0 ? 0 : -errno;
    } catch (Ext4Exception e) {
      if (e.errno() != errno) {
        throw new AssertionError("expected " + Errno.describe(errno), e);
      }
      return 0;
    }
  }

  private int makeDirectory(Ext4Namespace names, Node parent, String name, Node present) {
    return expect(
        present == null ? 0 : Errno.EEXIST,
        () -> {
          NewInode spec = NewInode.of(FileKind.DIRECTORY, 0755, 7, 8);
          InodeAttributes made = names.makeDirectory(parent.inodeNr, bytes(name), spec);
          Node node = new Node(FileKind.DIRECTORY, made.inodeNr(), 2);
          parent.children.put(name, node);
          parent.links++;
          directories.add(node);
          names.forget(made.inodeNr(), 1);
        });
  }

  private int makeSymlink(Ext4Namespace names, Node parent, String name, Node present) {
    return expect(
        present == null ? 0 : Errno.EEXIST,
        () -> {
          byte[] target = bytes("t".repeat(1 + random.nextInt(300)));
          NewInode spec = NewInode.of(FileKind.SYMLINK, 0777, 7, 8);
          InodeAttributes made = names.makeSymlink(parent.inodeNr, bytes(name), target, spec);
          Node node = new Node(FileKind.SYMLINK, made.inodeNr(), 1);
          node.target = target;
          parent.children.put(name, node);
          assertArrayEquals(target, names.readLink(made.inodeNr()));
          names.forget(made.inodeNr(), 1);
        });
  }

  private int makeNode(Ext4Namespace names, Node parent, String name, Node present) {
    return expect(
        present == null ? 0 : Errno.EEXIST,
        () -> {
          NewInode spec = new NewInode(FileKind.CHARACTER_DEVICE.modeBits() | 0600, 1, 2, 300, 77);
          InodeAttributes made = names.makeNode(parent.inodeNr, bytes(name), spec);
          assertEquals(300, made.deviceMajor());
          assertEquals(77, made.deviceMinor());
          parent.children.put(name, new Node(FileKind.CHARACTER_DEVICE, made.inodeNr(), 1));
          names.forget(made.inodeNr(), 1);
        });
  }

  private int create(Ext4Namespace names, Node parent, String name, Node present) {
    return expect(
        present == null ? 0 : Errno.EEXIST,
        () -> {
          NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 70_000, 80_000);
          InodeAttributes made = names.create(parent.inodeNr, bytes(name), spec);
          assertEquals(70_000, made.uid());
          assertEquals(80_000, made.gid());
          parent.children.put(name, new Node(FileKind.REGULAR, made.inodeNr(), 1));
          names.forget(made.inodeNr(), 1);
        });
  }

  private int link(Ext4Namespace names, Node parent, String name, Node present) {
    Node other = directories.get(random.nextInt(directories.size()));
    List<Node> files =
        other.children.values().stream().filter(n -> n.kind != FileKind.DIRECTORY).toList();
    if (files.isEmpty()) {
      return 0;
    }
    Node file = files.get(random.nextInt(files.size()));
    return expect(
        present == null ? 0 : Errno.EEXIST,
        () -> {
          names.link(file.inodeNr, parent.inodeNr, bytes(name));
          file.links++;
          parent.children.put(name, file);
          names.forget(file.inodeNr, 1);
        });
  }

  private int unlink(Ext4Namespace names, Node parent, String name, Node present) {
    int errno =
        present == null ? Errno.ENOENT : present.kind == FileKind.DIRECTORY ? Errno.EISDIR : 0;
    return expect(
        errno,
        () -> {
          names.unlink(parent.inodeNr, bytes(name));
          assertNotNull(parent.children.remove(name)).links--;
        });
  }

  private int removeDirectory(Ext4Namespace names, Node parent, String name, Node present) {
    int errno =
        present == null
            ? Errno.ENOENT
            : present.kind != FileKind.DIRECTORY
                ? Errno.ENOTDIR
                : present.children.isEmpty() ? 0 : Errno.ENOTEMPTY;
    return expect(
        errno,
        () -> {
          names.removeDirectory(parent.inodeNr, bytes(name));
          directories.remove(parent.children.remove(name));
          parent.links--;
        });
  }

  private int rename(Ext4Namespace names, Node parent, String name, Node present) {
    Node newParent = directories.get(random.nextInt(directories.size()));
    if (random.nextBoolean()) {
      newParent = parent;
    }
    String newName = name();
    return rename(names, parent, name, present, newParent, newName, random.nextInt(3));
  }

  private int rename(
      Ext4Namespace names,
      Node parent,
      String name,
      Node moved,
      Node newParent,
      String newName,
      int flags) {
    Node replaced = newParent.children.get(newName);
    return expect(
        renameErrno(parent, moved, newParent, replaced, flags),
        () -> {
          names.rename(parent.inodeNr, bytes(name), newParent.inodeNr, bytes(newName), flags);
          if (moved == replaced) {
            return;
          }
          boolean exchange = flags == Ext4Namespace.RENAME_EXCHANGE;
          newParent.children.put(newName, moved);
          if (exchange) {
            parent.children.put(name, replaced);
          } else {
            parent.children.remove(name);
          }
          if (moved.kind == FileKind.DIRECTORY) {
            parent.links--;
            newParent.links++;
          }
          if (replaced == null) {
            return;
          }
          if (replaced.kind == FileKind.DIRECTORY) {
            newParent.links--;
            parent.links += exchange ? 1 : 0;
          }
          if (!exchange) {
            replaced.links--;
            directories.remove(replaced);
          }
        });
  }

  private static int renameErrno(
      Node parent, Node moved, Node newParent, Node replaced, int flags) {
    boolean exchange = flags == Ext4Namespace.RENAME_EXCHANGE;
    if (moved == null) {
      return Errno.ENOENT;
    }
    if (replaced != null && flags == Ext4Namespace.RENAME_NOREPLACE) {
      return Errno.EEXIST;
    }
    if (replaced == null && exchange) {
      return Errno.ENOENT;
    }
    if (holds(moved, newParent)) {
      return Errno.EINVAL;
    }
    if (replaced != null && holds(replaced, parent)) {
      return exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
    }
    if (replaced == null || exchange || moved == replaced) {
      return 0;
    }
    boolean directory = moved.kind == FileKind.DIRECTORY;
    if (directory != (replaced.kind == FileKind.DIRECTORY)) {
      return directory ? Errno.ENOTDIR : Errno.EISDIR;
    }
    return replaced.children.isEmpty() ? 0 : Errno.ENOTEMPTY;
  }

  private static boolean holds(Node above, Node below) {
    return above == below || above.children.values().stream().anyMatch(n -> holds(n, below));
  }

  private static <T> T assertNotNull(T value) {
    if (value == null) {
      throw new AssertionError("null");
    }
    return value;
  }

  Map<String, String> expected() {
    Map<String, String> all = new TreeMap<>();
    describe(root, "/", all);
    return all;
  }

  private static void describe(Node node, String path, Map<String, String> all) {
    all.put(path, fact(node.kind, node.inodeNr, node.links, node.target));
    node.children.forEach((name, child) -> describe(child, path + "/" + name, all));
  }

  static Map<String, String> actual(Ext4Namespace names) throws Ext4Exception {
    Map<String, String> all = new TreeMap<>();
    walk(names, Ext4Inode.ROOT_NR, "/", all);
    return all;
  }

  private static void walk(Ext4Namespace names, long inodeNr, String path, Map<String, String> all)
      throws Ext4Exception {
    InodeAttributes attributes = names.attributes(inodeNr);
    byte[] target = attributes.kind() == FileKind.SYMLINK ? names.readLink(inodeNr) : new byte[0];
    all.put(path, fact(attributes.kind(), inodeNr, attributes.links(), target));
    if (attributes.kind() != FileKind.DIRECTORY) {
      return;
    }
    Map<String, Long> children = new TreeMap<>();
    names.readDirectory(
        inodeNr,
        0,
        (childNr, kind, name, cookie) -> {
          String text = new String(name, StandardCharsets.UTF_8);
          if (!text.equals(".") && !text.equals("..")) {
            children.put(text, childNr);
          }
          return true;
        });
    for (Map.Entry<String, Long> child : children.entrySet()) {
      walk(names, child.getValue(), path + "/" + child.getKey(), all);
    }
  }

  private static String fact(FileKind kind, long inodeNr, int links, byte[] target) {
    return kind + " " + inodeNr + " " + links + " " + new String(target, StandardCharsets.UTF_8);
  }
}
