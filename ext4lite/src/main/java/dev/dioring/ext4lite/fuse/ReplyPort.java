package dev.dioring.ext4lite.fuse;

/** The way back to the kernel. */
interface ReplyPort {
  /**
   * Sends the reply of a request, after which the request belongs to the transport again.
   *
   * @param error 0 or {@code -errno}
   * @param bodyAt where in the request's memory the body of the reply lies
   * @param bodyBytes 0 with an error
   */
  void reply(Request request, int error, long bodyAt, int bodyBytes);

  /** Whether the thread that requests arrive on may wait for a lock or a commit. */
  boolean mayWait();

  /** Takes back a request that has no reply. */
  void drop(Request request);
}
