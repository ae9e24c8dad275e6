package dev.dioring.bench;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.NewInode;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A file in an ext4 image, open through ext4lite. */
final class Ext4Medium implements AutoCloseable {
  private static final int MODE = 0644;
  private static final int ENOENT = 2;

  private final ImagePath path;
  private final Ext4Volume volume;
  private final Ext4File file;

  /** Whether it reports what is counted for all jobs. */
  private final boolean first;

  private Ext4Medium(ImagePath path, Ext4Volume volume, Ext4File file, boolean first) {
    this.path = path;
    this.volume = volume;
    this.file = file;
    this.first = first;
  }

  /** Opens a job's file, and makes it if it is to be written. */
  static Ext4Medium open(JobSpec spec, int jobNumber, OpenImages images) throws BenchException {
    ImagePath path = ImagePath.parse(spec.filename(jobNumber));
    OpenOptions device =
        OpenOptions.DEFAULT
            .withRing(Medium.ring(spec, spec.iodepth() * spec.numjobs()))
            .withRegistration(Medium.registration(spec))
            .withBuffers(spec.bs(), spec.iodepth() * spec.numjobs());
    boolean writes = spec.pattern().writes;
    VolumeOptions options = VolumeOptions.READ_WRITE.withReadOnly(!writes).withDevice(device);
    try {
      Ext4Volume volume = images.open(path.image(), options);
      Ext4File file = open(volume, path, writes);
      if (spec.unwritten()) {
        preallocate(spec, path, file);
      }
      return new Ext4Medium(path, volume, file, jobNumber == 0);
    } catch (IOException e) {
      throw Failures.opening(path.image(), e);
    }
  }

  private static Ext4File open(Ext4Volume volume, ImagePath path, boolean writes)
      throws IOException {
    try {
      return volume.openFile(volume.resolve(path.path()).inodeNr(), writes);
    } catch (Ext4Exception e) {
      if (!writes || e.errno() != ENOENT) {
        throw e;
      }
    }
    int slash = path.path().lastIndexOf('/');
    long directory = volume.resolve(path.path().substring(0, Math.max(slash, 1))).inodeNr();
    byte[] name = path.path().substring(slash + 1).getBytes(StandardCharsets.UTF_8);
    NewInode spec = NewInode.of(FileKind.REGULAR, MODE, 0, 0);
    Ext4Namespace names = volume.namespace();
    long made = names.create(directory, name, spec).inodeNr();
    try {
      return names.open(made, true);
    } finally {
      names.forget(made, 1);
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
    if (!first) {
      return Map.of();
    }
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
    }
  }
}
