package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes files, and directories with all that is in them. */
@Command(name = "rm", description = "Remove files from an image.", mixinStandardHelpOptions = true)
final class RmCommand extends ChangeCommand {
  @Option(names = "-r", description = "Remove directories too, with all that is in them.")
  private boolean recursive;

  @Parameters(index = "1..*", paramLabel = "PATH", arity = "1..*", description = "Paths in it.")
  private List<String> paths = List.of();

  @Override
  void change(Ext4Volume volume) throws IOException {
    for (String path : paths) {
      NamedPlace place = NamedPlace.of(volume, path);
      boolean directory = volume.resolve(path, false).isDirectory();
      remove(volume.namespace(), place.parentNr(), place.name(), directory && recursive);
    }
  }

  private static void remove(Ext4Namespace names, long parentNr, byte[] name, boolean directory)
      throws Ext4Exception {
    if (!directory) {
      names.unlink(parentNr, name);
      return;
    }
    InodeAttributes found = names.lookup(parentNr, name);
    if (found != null) {
      empty(names, found.inodeNr());
      names.forget(found.inodeNr(), 1);
      names.removeDirectory(parentNr, name);
    }
  }

  private static void empty(Ext4Namespace names, long directoryNr) throws Ext4Exception {
    List<byte[]> children = new ArrayList<>();
    names.readDirectory(directoryNr, 0, (nr, kind, name, cookie) -> children.add(name));
    for (byte[] child : children) {
      InodeAttributes found = isDots(child) ? null : names.lookup(directoryNr, child);
      if (found != null) {
        names.forget(found.inodeNr(), 1);
        remove(names, directoryNr, child, found.kind() == FileKind.DIRECTORY);
      }
    }
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }
}
