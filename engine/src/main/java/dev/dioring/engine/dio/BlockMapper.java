package dev.dioring.engine.dio;

/** The one question the generic layer asks a filesystem. */
@FunctionalInterface
public interface BlockMapper {
  /**
   * Maps the start of a range of the request's file. For a write the filesystem allocates what is
   * missing, as unwritten or new blocks, or fails.
   *
   * @param kiocb the request; its private word and object are the filesystem's to set
   * @param byteOffset start of the range, within the request
   * @param lengthBytes how much the request still wants
   * @param mayBlock whether the caller can wait; if not, anything that would wait answers {@code
   *     -EAGAIN} without side effects and the question is asked again from a virtual thread
   * @param mapping receives the answer
   * @return 0 or {@code -errno}
   */
  int map(Kiocb kiocb, long byteOffset, long lengthBytes, boolean mayBlock, BlockMapping mapping);
}
