package dev.dioring.bench;

import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The ext4 images of a run, which its jobs share. Belongs to the thread that runs it. */
final class OpenImages implements AutoCloseable {
  private final Map<Path, Ext4Volume> volumes = new HashMap<>();

  /** Opens an image, or gives the one that another job has opened. */
  Ext4Volume open(Path image, VolumeOptions options) throws IOException {
    Ext4Volume volume = volumes.get(image);
    if (volume == null) {
      volume = Ext4Volume.open(image, options);
      volumes.put(image, volume);
    }
    return volume;
  }

  /** Closes all; their files are closed. */
  @Override
  public void close() throws BenchException {
    for (Map.Entry<Path, Ext4Volume> open : volumes.entrySet()) {
      try {
        open.getValue().close();
      } catch (IOException e) {
        throw new BenchException(
            BenchException.IO_ERROR, "closing " + open.getKey() + ": " + e.getMessage(), e);
      }
    }
    volumes.clear();
  }
}
