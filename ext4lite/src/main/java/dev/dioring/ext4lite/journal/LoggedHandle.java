package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.MetadataBuffer;

/** A change that is part of a transaction in a log. */
final class LoggedHandle implements Handle {
  private final Transactions transactions;
  private final Transaction transaction;
  private int credits;

  /** Blocks that this handle changed first in its transaction. */
  private int changed;

  private boolean open = true;

  LoggedHandle(Transactions transactions, Transaction transaction, int credits) {
    this.transactions = transactions;
    this.transaction = transaction;
    this.credits = credits;
  }

  @Override
  public long transaction() {
    return transaction.id;
  }

  @Override
  public boolean extend(int more) {
    int missing = changed + more - credits;
    if (missing <= 0) {
      return true;
    }
    if (!transactions.extend(transaction, missing)) {
      return false;
    }
    credits += missing;
    return true;
  }

  @Override
  public void access(MetadataBuffer buffer) {
    assert open : "a change outside of its handle";
  }

  @Override
  public void dirty(MetadataBuffer buffer) {
    assert open : "a change outside of its handle";
    if (buffer.markDirty()) {
      transaction.dirty.add(buffer.pin());
      changed++;
      assert changed <= credits : "a change of more than the " + credits + " blocks announced";
    }
  }

  @Override
  public void revoke(long blockNr) {
    transactions.revoke(transaction, blockNr);
  }

  @Override
  public void atCommit(Runnable action) {
    transactions.atCommit(transaction, action);
  }

  @Override
  public void afterCommit(Runnable action) {
    transactions.afterCommit(transaction, action);
  }

  @Override
  public void close() {
    assert open : "a handle is closed twice";
    open = false;
    transactions.end(transaction, credits - changed);
  }
}
