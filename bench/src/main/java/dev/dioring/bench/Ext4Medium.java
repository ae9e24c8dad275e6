package dev.dioring.bench;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A file in an ext4 image, open through ext4lite with the image to itself. */
final class Ext4Medium implements AutoCloseable {
  private final ImagePath path;
  private final Ext4Volume volume;
  private final Ext4File file;

  private Ext4Medium(ImagePath path, Ext4Volume volume, Ext4File file) {
    this.path = path;
    this.volume = volume;
    this.file = file;
  }

  static Ext4Medium open(JobSpec spec, int jobNumber) throws BenchException {
    ImagePath path = ImagePath.parse(spec.filename(jobNumber));
    OpenOptions device =
        OpenOptions.DEFAULT
            .withRing(Medium.ring(spec))
            .withRegistration(Medium.registration(spec))
            .withBuffers(spec.bs(), spec.iodepth());
    boolean writes = spec.pattern().writes;
    VolumeOptions options = VolumeOptions.READ_WRITE.withReadOnly(!writes).withDevice(device);
    Ext4Volume volume = null;
    try {
      volume = Ext4Volume.open(path.image(), options);
      Ext4File file = volume.openFile(volume.resolve(path.path()).inodeNr(), writes);
      if (spec.unwritten()) {
        preallocate(spec, path, file);
      }
      Ext4Medium medium = new Ext4Medium(path, volume, file);
      volume = null;
      return medium;
    } catch (IOException e) {
      throw Failures.opening(path.image(), e);
    } finally {
      if (volume != null) {
        close(path, volume);
      }
    }
  }

  private static void preallocate(JobSpec spec, ImagePath path, Ext4File file)
      throws BenchException, IOException {
    if (spec.size() == 0) {
      throw new BenchException(BenchException.USAGE, "--unwritten needs a --size");
    }
    if (file.sizeBytes() > spec.offset()) {
      throw new BenchException(
          BenchException.DATA_ERROR,
          path.path()
              + " in "
              + path.image()
              + " already holds "
              + file.sizeBytes()
              + " bytes, which may be written; --unwritten needs an empty file");
    }
    file.fallocate(spec.offset(), spec.size(), false);
    file.sync(false);
  }

  Ext4File file() {
    return file;
  }

  Ext4Volume volume() {
    return volume;
  }

  Target.Backend backend() {
    var capabilities = volume.device().capabilities();
    return new Target.Backend(
        "ext4 on " + capabilities.backend(), capabilities.reason(), capabilities.features());
  }

  int alignmentBytes() {
    return volume.device().geometry().offsetAlignmentBytes();
  }

  Map<String, Long> counters() {
    DeferredStats stats = volume.deferredStats();
    Map<String, Long> counters = new TreeMap<>();
    counters.put("completions_inline", stats.inline());
    counters.put("completions_deferred", stats.deferred());
    counters.put("conversion_batches", stats.batches());
    counters.put("conversion_ranges", stats.ranges());
    counters.put("conversion_workers", (long) stats.workers());
    return counters;
  }

  @Override
  public void close() throws BenchException {
    try {
      file.close();
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "closing " + path.path() + ": " + e.getMessage(), e);
    } finally {
      close(path, volume);
    }
  }

  private static void close(ImagePath path, Ext4Volume volume) throws BenchException {
    try {
      volume.close();
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "closing " + path.image() + ": " + e.getMessage(), e);
    }
  }
}
