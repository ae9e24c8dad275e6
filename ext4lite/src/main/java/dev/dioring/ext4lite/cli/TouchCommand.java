package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.NewInode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Sets the times of files to now, and makes those that are missing. */
@Command(
    name = "touch",
    description = "Set the times of files in an image to now; make those that are missing.",
    mixinStandardHelpOptions = true)
final class TouchCommand extends ChangeCommand {
  private static final int PERMISSIONS = 0644;

  @Parameters(index = "1..*", paramLabel = "PATH", arity = "1..*", description = "Paths in it.")
  private List<String> paths = List.of();

  @Override
  void change(Ext4Volume volume) throws IOException {
    for (String path : paths) {
      Ext4Inode present = NamedPlace.find(volume, path);
      if (present != null) {
        Instant now = Instant.now();
        AttributeChange change = AttributeChange.NONE.withAccessTime(now).withModificationTime(now);
        volume.namespace().change(present.inodeNr(), change);
        continue;
      }
      NamedPlace place = NamedPlace.of(volume, path);
      Owner owner = caller();
      NewInode spec = NewInode.of(FileKind.REGULAR, PERMISSIONS, owner.uid(), owner.gid());
      long made = volume.namespace().create(place.parentNr(), place.name(), spec).inodeNr();
      volume.namespace().forget(made, 1);
    }
  }
}
