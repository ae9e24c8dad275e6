package dev.dioring.ext4lite.fs;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The content of a sparse file, as runs of bytes of one size. */
final class SparseModel {
  static final int CHUNK = 512;

  private final TreeMap<Long, byte[]> chunks = new TreeMap<>();
  private long sizeBytes;

  long sizeBytes() {
    return sizeBytes;
  }

  void write(long position, byte[] content) {
    for (int i = 0; i < content.length; i++) {
      chunk(position + i)[(int) ((position + i) % CHUNK)] = content[i];
    }
    sizeBytes = Math.max(sizeBytes, position + content.length);
  }

  void resize(long bytes) {
    if (bytes < sizeBytes) {
      zero(bytes, sizeBytes);
      chunks.tailMap(Math.ceilDiv(bytes, CHUNK), true).clear();
    }
    sizeBytes = bytes;
  }

  void zero(long from, long end) {
    for (Map.Entry<Long, byte[]> chunk : chunks.tailMap(from / CHUNK, true).entrySet()) {
      long start = chunk.getKey() * CHUNK;
      if (start >= end) {
        return;
      }
      int first = (int) Math.max(0, from - start);
      Arrays.fill(chunk.getValue(), first, (int) Math.min(CHUNK, end - start), (byte) 0);
    }
  }

  /** What a read gives: no more than there is. */
  byte[] read(long position, int lengthBytes) {
    byte[] content = new byte[Math.clamp(sizeBytes - position, 0, lengthBytes)];
    for (int i = 0; i < content.length; i++) {
      byte[] chunk = chunks.get((position + i) / CHUNK);
      content[i] = chunk == null ? 0 : chunk[(int) ((position + i) % CHUNK)];
    }
    return content;
  }

  private byte[] chunk(long position) {
    return chunks.computeIfAbsent(position / CHUNK, nr -> new byte[CHUNK]);
  }
}
