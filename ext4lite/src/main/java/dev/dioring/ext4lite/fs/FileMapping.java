package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.BlockMapping;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where parts of a file lie: what reads and writes find there, and what has to follow a write.
 * Allocates what a write needs.
 */
final class FileMapping {
  private static final Logger LOG = LoggerFactory.getLogger(FileMapping.class);

  /** Look-ups of the poller and of the threads that continue for it. */
  private static final ThreadLocal<ExtentRun> RUNS = ThreadLocal.withInitial(ExtentRun::new);

  private final RegularFile file;
  private final InodeBlock owner;
  private final Journal journal;
  private final int blockShift;

  FileMapping(RegularFile file, VolumeContext volume) {
    this.file = file;
    owner = file.owner();
    journal = volume.journal();
    blockShift = volume.groups().blockSizeShift();
  }

  /** As {@link RegularFile#map}. */
  int map(Kiocb kiocb, long byteOffset, long lengthBytes, boolean mayBlock, BlockMapping mapping) {
    long fileBlockNr = byteOffset >>> blockShift;
    ExtentRun run = RUNS.get();
    int result = lookUp(fileBlockNr, mayBlock, run);
    if (result != 0) {
      return result;
    }
    if (!kiocb.isWrite()) {
      return answerRead(fileBlockNr, run, mapping);
    }
    if (byteOffset + lengthBytes > file.layout().sizeBytesMax()) {
      return -Errno.EFBIG;
    }
    if (run.state == ExtentRun.State.HOLE) {
      if (!mayBlock) {
        return -Errno.EAGAIN;
      }
      result = allocate(fileBlockNr, byteOffset + lengthBytes);
      if (result != 0) {
        return result;
      }
      result = lookUp(fileBlockNr, true, run);
      if (result != 0) {
        return result;
      }
    }
    boolean grows =
        (kiocb.flags() & Kiocb.KEEP_SIZE) == 0
            && kiocb.position() + kiocb.lengthBytes() > file.sizeBytes();
    boolean unwritten = run.state == ExtentRun.State.UNWRITTEN;
    int flags = grows || unwritten ? BlockMapping.DEFER_COMPLETION : 0;
    if (grows || !journal.isDurable(owner.syncTransaction(true))) {
      flags |= BlockMapping.DIRTY_METADATA;
    }
    return answer(run, endOf(run), flags, mapping);
  }

  private int answerRead(long fileBlockNr, ExtentRun run, BlockMapping mapping) {
    FileBlocks hidden = file.hidden();
    if (hidden == null) {
      return answer(run, endOf(run), 0, mapping);
    }
    if (!hidden.contains(fileBlockNr)) {
      return answer(run, hidden.limit(fileBlockNr, endOf(run)), 0, mapping);
    }
    long bytes = (hidden.end() - fileBlockNr) << blockShift;
    mapping.set(BlockMapping.State.HOLE, fileBlockNr << blockShift, bytes, 0, 0);
    return 0;
  }

  private int lookUp(long fileBlockNr, boolean mayBlock, ExtentRun run) {
    int result = file.layout().map().tryLookUp(fileBlockNr, run);
    if (result == -Errno.EAGAIN && mayBlock) {
      try {
        file.layout().map().lookUp(fileBlockNr, run);
        return 0;
      } catch (IOException e) {
        LOG.debug("inode {}: {}", owner.inodeNr(), e.getMessage());
        return file.failed(e);
      }
    }
    return result;
  }

  private int allocate(long fileBlockNr, long endByteOffset) {
    long endBlock = (endByteOffset + file.blockSizeBytes() - 1) >>> blockShift;
    try {
      file.layout().filler().fill(fileBlockNr, endBlock);
      return 0;
    } catch (IOException e) {
      return file.failed(e);
    }
  }

  private static BlockMapping.State state(ExtentRun run) {
    return switch (run.state) {
      case HOLE -> BlockMapping.State.HOLE;
      case WRITTEN -> BlockMapping.State.MAPPED;
      case UNWRITTEN -> BlockMapping.State.UNWRITTEN;
    };
  }

  private int answer(ExtentRun run, long endFileBlockNr, int flags, BlockMapping mapping) {
    mapping.set(
        state(run),
        run.fileBlockNr << blockShift,
        (endFileBlockNr - run.fileBlockNr) << blockShift,
        run.startBlockNr << blockShift,
        flags);
    return 0;
  }

  /** A hole may reach to the last number there is. */
  private long endOf(ExtentRun run) {
    return Math.min(run.endFileBlockNr(), Long.MAX_VALUE >>> blockShift);
  }
}
