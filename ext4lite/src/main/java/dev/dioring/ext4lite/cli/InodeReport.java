package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Inode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/** An inode as JSON. Sizes in bytes, times in UTC as ISO 8601 says. */
final class InodeReport {
  private static final int PERMISSIONS = 07777;

  private InodeReport() {}

  static boolean isDevice(Ext4Inode inode) {
    return inode.kind() == FileKind.CHARACTER_DEVICE || inode.kind() == FileKind.BLOCK_DEVICE;
  }

  /** Puts a name; one that is no UTF-8 comes with its bytes, too. */
  static void putName(ObjectNode node, String field, byte[] name) {
    node.put(field, new String(name, StandardCharsets.UTF_8));
    if (!NameText.isText(name)) {
      node.put(field + "Hex", HexFormat.of().formatHex(name));
    }
  }

  static void fill(ObjectNode node, Ext4Inode inode) throws IOException {
    node.put("inode", inode.inodeNr());
    node.put("kind", inode.kind().toString().toLowerCase(Locale.ROOT));
    node.put("mode", String.format("%04o", inode.mode() & PERMISSIONS));
    node.put("links", inode.linksCount());
    node.put("uid", inode.uid());
    node.put("gid", inode.gid());
    node.put("size", inode.sizeBytes());
    node.put("sectors", inode.sectors());
    node.put("flags", inode.flags());
    node.put("generation", Integer.toUnsignedLong(inode.generation()));
    node.put("atime", inode.accessTime().toString());
    node.put("mtime", inode.modificationTime().toString());
    node.put("ctime", inode.changeTime().toString());
    Instant created = inode.creationTime();
    if (created != null) {
      node.put("crtime", created.toString());
    }
    if (isDevice(inode)) {
      node.put("device", inode.deviceMajor() + ":" + inode.deviceMinor());
    }
    if (inode.kind() == FileKind.SYMLINK) {
      putName(node, "target", inode.readSymlinkBytes());
    }
  }
}
