package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Names with mode, links, owner, size, time and link target. */
final class LsLong implements LsFormat {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());

  private final Ext4Volume volume;
  private final Output out;
  private boolean first = true;

  LsLong(Ext4Volume volume, Output out) {
    this.volume = volume;
    this.out = out;
  }

  @Override
  public void heading(String path) {
    LsShort.heading(out, path, first);
    first = false;
  }

  @Override
  public void entry(String directory, byte[] name, long inodeNr) throws IOException {
    Ext4Inode inode = volume.inode(inodeNr);
    byte[] target = inode.kind() == FileKind.SYMLINK ? target(inode) : null;
    String size =
        InodeReport.isDevice(inode)
            ? inode.deviceMajor() + ", " + inode.deviceMinor()
            : Long.toString(inode.sizeBytes());
    out.text(
            String.format(
                Locale.ROOT,
                "%s %3d %5d %5d %10s %s ",
                ModeString.of(inode),
                inode.linksCount(),
                inode.uid(),
                inode.gid(),
                size,
                TIME.format(inode.modificationTime())))
        .name(name);
    if (target != null) {
      out.text(" -> ").name(target);
    }
    out.line("");
  }

  /** An encrypted link is listed without its target, as an encrypted file without its content. */
  private static byte[] target(Ext4Inode link) throws IOException {
    return link.isEncrypted() ? new byte[] {'?'} : link.readSymlinkBytes();
  }

  @Override
  public void unreadable(String directory, byte[] name, long inodeNr, String why) {
    out.text(String.format("?????????? %3s %5s %5s %10s %16s ", "?", "?", "?", "?", "?"))
        .name(name)
        .line("");
  }
}
