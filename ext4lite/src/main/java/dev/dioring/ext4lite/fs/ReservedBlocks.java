package dev.dioring.ext4lite.fs;

/**
 * Whether whoever a thread works for may have the blocks that are reserved ({@code mke2fs -m}). The
 * thread that serves a request says so as long as that takes; of a write into a file the file
 * remembers it, as another thread may go on with it.
 */
public final class ReservedBlocks {
  /** One element: whether they are permitted. The array spares a second look-up to change it. */
  private static final ThreadLocal<boolean[]> PERMITTED =
      ThreadLocal.withInitial(() -> new boolean[1]);

  private ReservedBlocks() {}

  /** Permits them to what this thread does, or forbids them again. @return what it was before */
  public static boolean permit(boolean permitted) {
    boolean[] state = PERMITTED.get();
    boolean before = state[0];
    state[0] = permitted;
    return before;
  }

  /** Whether this thread works for somebody who may have them. */
  public static boolean arePermitted() {
    return PERMITTED.get()[0];
  }
}
