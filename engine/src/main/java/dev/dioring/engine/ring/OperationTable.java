package dev.dioring.engine.ring;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations that the kernel has. The user data of an operation is its index, with the number
 * of its use of that index above: a cancel that comes too late finds nobody rather than the next
 * user. Confined to the poller thread.
 */
final class OperationTable {
  private final @Nullable RingOperation[] operations;
  private final int[] uses;
  private final int[] free;
  private int freeCount;

  OperationTable(int capacity) {
    operations = new RingOperation[capacity];
    uses = new int[capacity];
    free = new int[capacity];
    for (int slot = free.length - 1; slot >= 0; slot--) {
      free[freeCount++] = slot;
    }
  }

  /** Operations in it. */
  int size() {
    return free.length - freeCount;
  }

  /** Adds an operation. @return its user data */
  long add(RingOperation operation) {
    int slot = free[--freeCount];
    operations[slot] = operation;
    operation.slot = slot;
    uses[slot]++;
    return userData(operation);
  }

  /** The user data of an operation in it. */
  long userData(RingOperation operation) {
    int slot = operation.slot;
    return (long) uses[slot] << Integer.SIZE | slot;
  }

  /** The operation with this user data, or null if it has been removed. */
  @Nullable RingOperation get(long userData) {
    RingOperation operation = operations[(int) userData];
    return operation != null && userData(operation) == userData ? operation : null;
  }

  void remove(RingOperation operation) {
    int slot = operation.slot;
    operations[slot] = null;
    operation.slot = RingOperation.NO_SLOT;
    free[freeCount++] = slot;
  }

  void forEach(Consumer<RingOperation> action) {
    for (RingOperation operation : operations) {
      if (operation != null) {
        action.accept(operation);
      }
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(size()).append(" in flight:");
    forEach(
        operation ->
            text.append(' ').append(operation.slot).append('=').append(operation).append(';'));
    return text.toString();
  }
}
