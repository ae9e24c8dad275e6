package dev.dioring.ext4lite.cli;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of all commands that open an image. */
final class ImageOptions {
  @Option(
      names = "--noload",
      description = "Read an image whose journal has not been replayed, as it is.")
  private boolean noLoad;

  @Option(
      names = "--journal",
      paramLabel = "PATH",
      description = "The device or file that the journal of the image lies on.")
  private @Nullable Path journal;

  @Option(
      names = "--buffered",
      description = "Go through the page cache, where the file system has no direct I/O.")
  private boolean buffered;

  @Option(
      names = "--backend",
      paramLabel = "uring|sync",
      description = "How the image is read and written; chosen by itself if not given.")
  private OpenOptions.Backend backend = OpenOptions.Backend.AUTO;

  @Option(
      names = "--offset",
      paramLabel = "BYTES",
      description = "Where the filesystem starts in the image.")
  private @Nullable Long offset;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "Which partition of the image (GPT or MBR) it is.")
  private @Nullable Integer partition;

  Ext4Volume openReadOnly(Path image) throws IOException {
    return Ext4Volume.open(image, options(VolumeOptions.READ_ONLY));
  }

  Ext4Volume openReadWrite(Path image) throws IOException {
    return Ext4Volume.open(image, options(VolumeOptions.READ_WRITE));
  }

  private VolumeOptions options(VolumeOptions base) {
    return base.withNoLoad(noLoad).withJournal(journal).withDevice(device());
  }

  /** How the image's file or device is opened. */
  OpenOptions device() {
    return OpenOptions.DEFAULT.withBuffered(buffered).withBackend(backend).withRegion(region());
  }

  private Region region() {
    if (partition != null) {
      return new Region.Numbered(partition);
    }
    return offset != null ? new Region.From(offset) : Region.WHOLE;
  }
}
