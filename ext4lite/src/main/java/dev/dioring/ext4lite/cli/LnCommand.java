package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import dev.dioring.ext4lite.fs.NewInode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a file another name, or makes a symbolic link. */
@Command(
    name = "ln",
    description = "Give a file in an image another name, or make a symbolic link.",
    mixinStandardHelpOptions = true)
final class LnCommand extends ChangeCommand {
  @Option(names = "-s", description = "Make a symbolic link; TARGET is stored as it is.")
  private boolean symbolic;

  @Parameters(index = "1", paramLabel = "TARGET", description = "What the link leads to.")
  private String target = "";

  @Parameters(index = "2", paramLabel = "LINK", description = "Path of the link.")
  private String link = "";

  @Override
  void change(Ext4Volume volume) throws IOException {
    String name = target.substring(target.lastIndexOf('/') + 1);
    NamedPlace place = NamedPlace.inOrAt(volume, link, name);
    Ext4Namespace names = volume.namespace();
    InodeAttributes made;
    if (symbolic) {
      Owner owner = caller();
      NewInode spec = NewInode.of(FileKind.SYMLINK, 0777, owner.uid(), owner.gid());
      byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
      made = names.makeSymlink(place.parentNr(), place.name(), bytes, spec);
    } else {
      long inodeNr = volume.resolve(target, false).inodeNr();
      made = names.link(inodeNr, place.parentNr(), place.name());
    }
    names.forget(made.inodeNr(), 1);
  }
}
