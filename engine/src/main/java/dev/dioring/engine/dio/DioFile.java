package dev.dioring.engine.dio;

import dev.dioring.engine.block.BlockDevice;

/**
 * What the generic layer knows of a file: where its blocks are, how long it is, and what to do when
 * an I/O has ended. It never learns which filesystem stands behind it.
 */
public interface DioFile extends BlockMapper {
  BlockDevice device();

  /** Unit of allocation; the edges of a new or unwritten block are zeroed up to it. */
  int blockSizeBytes();

  /** Size of the file now; reads are clipped to it. */
  long sizeBytes();

  /** This file's requests in flight and deferred completions; one object for the file's life. */
  FileCompletions completions();

  /**
   * The work of deferred completions that may block: converts the unwritten extents that were
   * written and grows the size. Runs on the mount's executor, once for all requests of this file
   * that waited together; adjacent ranges arrive merged. The data of every range is on the device.
   *
   * @param batch the ranges; a range that could not be converted is marked with its errno there
   */
  void convert(ConversionBatch batch);

  /**
   * The end of one I/O, called exactly once per admitted request, after {@link #convert} where that
   * was due, before the in-flight count drops and before the caller hears of it. Releases what the
   * request carried, a lock for example. Where nothing was deferred it may run on the completion
   * thread and must not block.
   *
   * @param transferredBytes bytes written or read from the start of the request; 0 on failure
   * @param result what the caller would see without this hook: bytes or {@code -errno}
   * @return what the caller shall see
   */
  long endIo(Kiocb kiocb, long byteOffset, long transferredBytes, long result);

  /**
   * Makes completed O_DSYNC or O_SYNC writes durable, once for all that waited together. Runs on
   * the mount's executor and may block, but must not wait for the in-flight count, in which these
   * writes still are.
   *
   * @param dataOnly whether only the data and what is needed to read it back is asked for
   * @return 0 or {@code -errno}
   */
  int sync(boolean dataOnly);
}
