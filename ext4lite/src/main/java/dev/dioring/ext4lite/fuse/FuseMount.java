package dev.dioring.ext4lite.fuse;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An image that is mounted on a directory, served by this process. */
public final class FuseMount {
  private static final long LAZY_END_SECONDS = 5;

  private final MountPoint point;
  private final Session session;
  private final CountDownLatch ended = new CountDownLatch(1);

  private FuseMount(MountPoint point, Session session) {
    this.point = point;
    this.session = session;
  }

  /**
   * Mounts an image. When this returns, the mount answers.
   *
   * @param options lists of mount options, as after -o
   * @throws IOException with a line for users: {@link MountException}, or why the image cannot be
   *     opened
   * @throws IllegalArgumentException for an option that is not known
   */
  public static FuseMount mount(
      Path image, Path directory, OpenOptions device, List<String> options)
      throws IOException, InterruptedException {
    MountOptions parsed = MountOptions.parse(options, MountPoint.isRoot());
    MountPoint point = MountPoint.of(directory);
    Ext4Volume volume =
        Ext4Volume.open(
            image, volumeOptions(parsed, device).withMountedOn(point.directory().toString()));
    try {
      for (String warning : volume.warnings()) {
        Session.LOG.warn("{}: {}", image, warning);
      }
      if (!volume.isWritable() && !parsed.readOnly()) {
        parsed = parsed.asReadOnly();
        Session.LOG.warn("{} is mounted read-only: {}", image, volume.readOnlyReason());
      }
      String source = image.toRealPath().toString();
      int fd = point.mount(source, parsed, Negotiation.TRANSFER_BYTES_MAX);
      Session session = new Session(fd, volume, parsed, String.join(",", options));
      volume = null;
      session.start();
      point.note(source, options);
      return new FuseMount(point, session);
    } finally {
      if (volume != null) {
        volume.close();
      }
    }
  }

  /** The options that are known, for mount(8) -s; the others are warned of. */
  public static List<String> knownOf(List<String> options) throws IOException {
    boolean root = MountPoint.isRoot();
    List<String> known = new ArrayList<>();
    for (String option : MountOptions.split(options)) {
      try {
        MountOptions unused = MountOptions.parse(List.of(option), root);
        known.add(option);
      } catch (IllegalArgumentException e) {
        Session.LOG.warn("{}", e.getMessage());
      }
    }
    return known;
  }

  private static VolumeOptions volumeOptions(MountOptions options, OpenOptions device) {
    return VolumeOptions.READ_WRITE
        .withReadOnly(options.readOnly())
        .withNoLoad(options.noLoad())
        .withJournal(options.journal())
        .withBehaviour(options.behaviour())
        .withDevice(
            options.region().equals(Region.WHOLE) ? device : device.withRegion(options.region()));
  }

  /** How the kernel's requests come: "/dev/fuse", or "FUSE over io_uring" where that is enabled. */
  public String transportName() {
    return session.transportName();
  }

  /** Waits until it is unmounted, and everything is on the device and closed. */
  public void awaitEnd() throws IOException {
    try {
      session.awaitUnmount();
      point.forget();
      session.close();
    } finally {
      ended.countDown();
    }
  }

  /**
   * Unmounts and waits until another thread's {@link #awaitEnd} has closed everything. While it is
   * in use it is taken out of the tree, and after a while cut off from its users.
   */
  public void unmount() throws InterruptedException {
    if (ended.getCount() == 0) {
      return;
    }
    try {
      point.unmount(Unmount.Manner.PLAIN);
    } catch (IOException busy) {
      detach();
    }
    ended.await();
  }

  private void detach() throws InterruptedException {
    try {
      MountTable.Entry entry = MountTable.read().find(point.directory());
      point.unmount(Unmount.Manner.LAZY);
      if (entry != null && !ended.await(LAZY_END_SECONDS, TimeUnit.SECONDS)) {
        Connections.abort(entry.deviceMinor());
      }
    } catch (IOException gone) {
      Session.LOG.warn("{}", gone.getMessage());
    }
  }
}
