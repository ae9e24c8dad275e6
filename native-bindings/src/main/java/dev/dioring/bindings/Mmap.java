package dev.dioring.bindings;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory mappings that live as long as an arena. */
public final class Mmap {
  private static final LibcFunction MMAP = LibcFunction.named("mmap");
  private static final LibcFunction MUNMAP = LibcFunction.named("munmap");

  private static final int READ_WRITE = LibcH.PROT_READ() | LibcH.PROT_WRITE();

  private Mmap() {}

  /**
   * Maps part of a descriptor, shared and populated, until the arena is closed.
   *
   * @throws NativeException if the kernel refuses
   */
  public static MemorySegment file(Arena arena, int fd, long fileOffset, long lengthBytes) {
    int flags = LibcH.MAP_SHARED() | LibcH.MAP_POPULATE();
    return map(arena, lengthBytes, flags, fd, fileOffset);
  }

  /**
   * Maps zeroed, page-aligned, populated memory until the arena is closed.
   *
   * @throws NativeException if the kernel refuses
   */
  public static MemorySegment anonymous(Arena arena, long lengthBytes) {
    int flags = LibcH.MAP_PRIVATE() | LibcH.MAP_ANONYMOUS() | LibcH.MAP_POPULATE();
    return map(arena, lengthBytes, flags, -1, 0);
  }

  /**
   * Maps zeroed, page-aligned memory until the arena is closed, whose pages come when they are
   * first used: for buffers that are mostly larger than what is in them.
   *
   * @throws NativeException if the kernel refuses
   */
  public static MemorySegment onDemand(Arena arena, long lengthBytes) {
    int flags = LibcH.MAP_PRIVATE() | LibcH.MAP_ANONYMOUS();
    return map(arena, lengthBytes, flags, -1, 0);
  }

  private static MemorySegment map(
      Arena arena, long lengthBytes, int flags, int fd, long fileOffset) {
    long address = MMAP.call(0, lengthBytes, READ_WRITE, flags, fd, fileOffset);
    if (address < 0 && address > -4096) {
      throw new NativeException("mmap of " + lengthBytes + " bytes", (int) -address);
    }
    MemorySegment mapped = MemorySegment.ofAddress(address);
    try {
      return mapped.reinterpret(lengthBytes, arena, Mmap::unmap);
    } catch (IllegalStateException closed) {
      unmap(address, lengthBytes);
      throw closed;
    }
  }

  private static void unmap(MemorySegment segment) {
    unmap(segment.address(), segment.byteSize());
  }

  private static void unmap(long address, long lengthBytes) {
    int unused = MUNMAP.callInt(address, lengthBytes);
  }
}
