package dev.dioring.engine.ring;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations that the kernel has. The index of an operation is its user data. Confined to the
 * poller thread.
 */
final class OperationTable {
  private final @Nullable RingOperation[] operations;
  private final int[] free;
  private int freeCount;

  OperationTable(int capacity) {
    operations = new RingOperation[capacity];
    free = new int[capacity];
    for (int slot = free.length - 1; slot >= 0; slot--) {
      free[freeCount++] = slot;
    }
  }

  /** Operations in it. */
  int size() {
    return free.length - freeCount;
  }

  /** Adds an operation. @return its index */
  int add(RingOperation operation) {
    int slot = free[--freeCount];
    operations[slot] = operation;
    operation.slot = slot;
    return slot;
  }

  @Nullable RingOperation get(int slot) {
    return operations[slot];
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
