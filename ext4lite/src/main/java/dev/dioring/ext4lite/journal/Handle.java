package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.MetadataBuffer;

/**
 * One atomic change of metadata: everything changed through one handle becomes durable together, or
 * in an order that any cut leaves consistent. Confined to a thread; short; nobody waits for data
 * I/O while holding one.
 */
public interface Handle extends AutoCloseable {
  /** Number of the transaction that the change is part of. */
  long transaction();

  /**
   * Asks for room to change so many more blocks, at a moment when the change could as well end.
   *
   * @return false if there is none: end this handle and start another
   */
  boolean extend(int credits);

  /** Announces a change of a block, before its content is touched. */
  void access(MetadataBuffer buffer);

  /** The block's content was changed. */
  void dirty(MetadataBuffer buffer);

  /**
   * A metadata block was freed: what a log holds of it must not be replayed over what the block
   * becomes next. Its buffer need not be written any more.
   */
  void revoke(long blockNr);

  /**
   * Runs an action once this change is durable, before those who wait for that go on. Nothing else
   * is committed or put in its place meanwhile, so it must not start a handle, nor wait but for
   * I/O.
   */
  void atCommit(Runnable action);

  /** Runs an action soon after this change is durable, outside of any handle. It may start one. */
  void afterCommit(Runnable action);

  /** Ends the change. */
  @Override
  void close();
}
