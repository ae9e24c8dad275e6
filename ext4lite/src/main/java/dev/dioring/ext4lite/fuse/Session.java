package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the kernel, from its start to the closing of the volume. */
final class Session {
  static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final Ext4Volume volume;
  private final FileOperations files;
  private final StalePages stalePages;
  private final Negotiation negotiation;
  private final DeviceTransport transport;
  private final MountReport report;
  private final MountOptions options;

  /** Null over /dev/fuse alone. Set while INIT is answered, before anything else arrives. */
  private volatile @Nullable RingTransport rings;

  /**
   * Takes over the descriptor and the volume.
   *
   * @param optionText the options as they were given
   */
  Session(int fd, Ext4Volume volume, MountOptions options, String optionText) {
    this.volume = volume;
    this.options = options;
    Attributes attributes = new Attributes(options.owner());
    ReserveAccess reserve = new ReserveAccess(volume.rules().reserveOwner());
    Dispatcher dispatcher = new Dispatcher("fuse/" + volume.name(), Backlog.of(volume), reserve);
    negotiation = new Negotiation(options, volume, () -> openRings(fd, dispatcher));
    dispatcher.on(FuseOpcode.INIT, negotiation::serve).on(FuseOpcode.DESTROY, Request::replyDone);
    Interrupts interrupts = new Interrupts();
    interrupts.register(dispatcher);
    Ext4Namespace namespace = volume.namespace();
    Notifier notifier = new Notifier(fd);
    Privileges privileges = new Privileges(namespace, attributes.owner(), notifier);
    stalePages = new StalePages(notifier);
    files = new FileOperations(volume, privileges, dispatcher, options);
    files.register();
    int alignment = volume.device().geometry().offsetAlignmentBytes();
    new TransferOperations(files, privileges, dispatcher, stalePages, alignment, options)
        .register();
    new CopyOperations(namespace, files, privileges, interrupts, alignment).register(dispatcher);
    new NameOperations(volume, attributes, dispatcher).register();
    new ForgetOperations(namespace).register(dispatcher);
    new CreateOperations(namespace, attributes, files).register(dispatcher);
    new AttributeOperations(volume, attributes, privileges, dispatcher).register();
    new DirectoryOperations(namespace, attributes).register(dispatcher);
    TrimOperation trim = new TrimOperation(volume, interrupts);
    new IoctlOperations(namespace, trim, new VolumeControl(volume), notifier).register(dispatcher);
    report = new MountReport(volume, optionText, dispatcher.counters(), this::queues);
    XattrRules rules = new XattrRules(volume.rules().acl(), volume.rules().userXattrs());
    new XattrOperations(volume, privileges, report, rules).register(dispatcher);
    transport = new DeviceTransport(fd, Negotiation.TRANSFER_BYTES_MAX, dispatcher);
  }

  /**
   * Starts to serve and waits until the mount answers.
   *
   * @throws MountException if somebody has unmounted it by then; everything is closed
   */
  void start() throws IOException, InterruptedException {
    transport.start(negotiation::connectionEnded);
    if (!negotiation.await()) {
      awaitUnmount();
      close();
      throw new MountException(
          "serving " + volume.name(), Errno.ENOTCONN, "it was unmounted before it answered");
    }
  }

  private @Nullable RingTransport openRings(int fd, Dispatcher dispatcher) {
    RingTransport opened =
        options.ring() ? RingTransport.open(fd, dispatcher, Negotiation.TRANSFER_BYTES_MAX) : null;
    if (opened != null) {
      opened.attach(volume);
    }
    rings = opened;
    return opened;
  }

  private List<MountReport.Queue> queues() {
    List<MountReport.Queue> all = new ArrayList<>();
    all.add(new MountReport.Queue("/dev/fuse", transport.inFlight(), DeviceTransport.REQUESTS_MAX));
    RingTransport open = rings;
    if (open != null) {
      for (RingQueue queue : open.queues()) {
        all.add(
            new MountReport.Queue("io_uring " + queue.number(), queue.inFlight(), queue.depth()));
      }
    }
    return all;
  }

  /** How requests come: shown to users. */
  String transportName() {
    return rings != null ? "FUSE over io_uring" : "/dev/fuse";
  }

  /** Waits for the end of the mount. */
  void awaitUnmount() {
    transport.awaitEnd();
    RingTransport queues = rings;
    if (queues != null) {
      queues.awaitEnd();
    }
  }

  /** Closes the volume, once nothing is asked for any more. */
  void close() throws IOException {
    RingTransport queues = rings;
    stalePages.close();
    try {
      files.closeAll();
    } finally {
      volume.close();
      report.store(options.stats());
      if (queues != null) {
        queues.close();
      }
      transport.close();
    }
  }
}
