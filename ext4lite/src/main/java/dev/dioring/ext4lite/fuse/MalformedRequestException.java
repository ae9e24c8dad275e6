package dev.dioring.ext4lite.fuse;

/** A request that does not hold what its opcode asks for. */
final class MalformedRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedRequestException(String message) {
    super(message);
  }
}
