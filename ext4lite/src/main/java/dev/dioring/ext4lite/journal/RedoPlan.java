package dev.dioring.ext4lite.journal;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which copies in a log have to be written where: of each block of the filesystem the last one, if
 * it was not revoked since.
 */
final class RedoPlan {
  /**
   * A copy.
   *
   * @param blockNr where it belongs
   * @param journalBlock where it lies in the journal
   * @param escaped whether its first bytes stand for the journal's magic
   */
  record Copy(long blockNr, long journalBlock, boolean escaped) {}

  private final Map<Long, Copy> copies = new HashMap<>();

  /** A transaction that was committed logged these blocks and revoked those. */
  void commit(List<Copy> logged, List<Long> revoked) {
    for (Copy copy : logged) {
      copies.put(copy.blockNr(), copy);
    }
    revoked.forEach(copies::remove);
  }

  /** Blocks that have a copy. */
  int size() {
    return copies.size();
  }

  /** All copies in the order of the log. */
  List<Copy> inLogOrder() {
    return copies.values().stream().sorted(Comparator.comparingLong(Copy::journalBlock)).toList();
  }
}
