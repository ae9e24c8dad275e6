package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.NewInode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes directories. */
@Command(
    name = "mkdir",
    description = "Make directories in an image.",
    mixinStandardHelpOptions = true)
final class MkdirCommand extends ChangeCommand {
  private static final int PERMISSIONS = 0755;

  @Option(names = "-p", description = "Make those above it too; one that exists is no failure.")
  private boolean parents;

  @Parameters(index = "1..*", paramLabel = "PATH", arity = "1..*", description = "Paths in it.")
  private List<String> paths = List.of();

  @Override
  void change(Ext4Volume volume) throws IOException {
    for (String path : paths) {
      if (parents) {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
          makeMissing(volume, path.substring(0, slash));
        }
        makeMissing(volume, path);
      } else {
        make(volume, path);
      }
    }
  }

  private static void makeMissing(Ext4Volume volume, String path) throws IOException {
    if (NamedPlace.find(volume, path) == null) {
      make(volume, path);
    }
  }

  private static void make(Ext4Volume volume, String path) throws IOException {
    NamedPlace place = NamedPlace.of(volume, path);
    Owner owner = caller();
    NewInode spec = NewInode.of(FileKind.DIRECTORY, PERMISSIONS, owner.uid(), owner.gid());
    long made = volume.namespace().makeDirectory(place.parentNr(), place.name(), spec).inodeNr();
    volume.namespace().forget(made, 1);
  }
}
