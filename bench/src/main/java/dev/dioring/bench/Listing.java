package dev.dioring.bench;

import dev.dioring.ext4lite.fs.DirectoryCursor;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lists a directory in an image with nothing cached: through ext4lite, opening the image anew, and
 * through the kernel's mount, mounting anew. Both times include the opening or mounting.
 */
final class Listing {
  static final String OWN = "dioring ext4 listing";
  static final String KERNEL = "kernel ext4 listing";

  private final Path image;
  private final String path;
  private final int entries;

  /**
   * Makes a listing.
   *
   * @param entries that are expected, "." and ".." included
   */
  Listing(Path image, String path, int entries) {
    this.image = image;
    this.path = path;
    this.entries = entries;
  }

  List<Contender> contenders() {
    return List.of(Contender.of(OWN, this::own), Contender.of(KERNEL, this::kernel));
  }

  private Measure own() throws BenchException {
    ProcessUsage before = ProcessUsage.now();
    long start = System.nanoTime();
    int found = 0;
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_ONLY);
        DirectoryCursor cursor = volume.resolve(path).openDirectory()) {
      while (cursor.next()) {
        found += cursor.name().isEmpty() ? 0 : 1;
      }
    } catch (IOException e) {
      throw Failures.opening(image, e);
    }
    return measure(start, before, found);
  }

  private Measure kernel() throws BenchException {
    try (LoopMount mount = LoopMount.of(image)) {
      ProcessUsage before = ProcessUsage.now();
      long start = System.nanoTime();
      mount.remount();
      Path directory = mount.directory().resolve(path.substring(1));
      try (Stream<Path> list = Files.list(directory)) {
        return measure(start, before, (int) list.count() + 2);
      } catch (IOException e) {
        throw Failures.opening(directory, e);
      }
    }
  }

  private Measure measure(long start, ProcessUsage before, int found) throws BenchException {
    long nanos = System.nanoTime() - start;
    if (found != entries) {
      throw new BenchException(
          BenchException.DATA_ERROR, path + " lists " + found + " entries, not " + entries);
    }
    ProcessUsage used = ProcessUsage.now().since(before);
    return new Measure(1e9 / nanos, used.cpuNanos(), nanos, nanos, used.allocatedBytes());
  }
}
