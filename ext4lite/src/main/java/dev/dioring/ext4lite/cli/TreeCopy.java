package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import dev.dioring.ext4lite.fs.NewInode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/** Copies files, directories and symbolic links into a volume, with owner, mode and times. */
final class TreeCopy {
  private final Ext4Volume volume;
  private final Ext4Namespace names;
  private final FileCopy files;

  TreeCopy(Ext4Volume volume) {
    this.volume = volume;
    names = volume.namespace();
    files = new FileCopy(volume);
  }

  /** Copies a file under a name; a regular file that is there gets the new content. */
  void copy(Path source, long parentNr, byte[] name, boolean recursive) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(source, "unix:mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    int mode = unix.get("mode") instanceof Integer bits ? bits : 0;
    FileKind kind = FileKind.ofMode(mode);
    ChangeCommand.Owner owner = ChangeCommand.Owner.of(source);
    if (kind == null || (kind != FileKind.REGULAR && !recursive)) {
      throw new CliException(ExitStatus.USAGE, source + " is no regular file: -r copies the rest");
    }
    NewInode spec = NewInode.of(kind, mode, owner.uid(), owner.gid());
    InodeAttributes made =
        switch (kind) {
          case REGULAR -> copyFile(source, parentNr, name, spec);
          case DIRECTORY -> copyDirectory(source, parentNr, name, spec);
          case SYMLINK -> {
            String target = Files.readSymbolicLink(source).toString();
            byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
            yield names.makeSymlink(parentNr, name, bytes, spec);
          }
          default -> throw new CliException(ExitStatus.UNAVAILABLE, source + " is a " + kind);
        };
    if (unix.get("lastModifiedTime") instanceof FileTime time) {
      AttributeChange change = AttributeChange.NONE.withModificationTime(time.toInstant());
      InodeAttributes unused = names.change(made.inodeNr(), change);
    }
    names.forget(made.inodeNr(), 1);
  }

  private InodeAttributes copyFile(Path source, long parentNr, byte[] name, NewInode spec)
      throws IOException {
    InodeAttributes present = names.lookup(parentNr, name);
    InodeAttributes file = present != null ? present : names.create(parentNr, name, spec);
    try (InputStream in = Files.newInputStream(source)) {
      files.write(volume.inode(file.inodeNr()), in, Files.size(source));
    }
    return file;
  }

  private InodeAttributes copyDirectory(Path source, long parentNr, byte[] name, NewInode spec)
      throws IOException {
    InodeAttributes present = names.lookup(parentNr, name);
    InodeAttributes made = present != null ? present : names.makeDirectory(parentNr, name, spec);
    try (DirectoryStream<Path> children = Files.newDirectoryStream(source)) {
      for (Path child : children) {
        byte[] childName = String.valueOf(child.getFileName()).getBytes(StandardCharsets.UTF_8);
        copy(child, made.inodeNr(), childName, true);
      }
    }
    return made;
  }
}
