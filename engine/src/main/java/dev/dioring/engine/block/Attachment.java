package dev.dioring.engine.block;

/** How the thread of a poller reaches a device. */
public enum Attachment {
  /** By handing over, as every other thread. */
  NONE,
  /** Through its own ring. */
  RING,
  /** By system calls of its own, which do not wait. */
  CALLS
}
