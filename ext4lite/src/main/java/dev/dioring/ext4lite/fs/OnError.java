package dev.dioring.ext4lite.fs;

import java.util.Locale;

/** What follows when a structure of a volume turns out to be corrupt: errors= of mount(8). */
public enum OnError {
  /** The operation fails, the error is recorded, and the volume goes on being written. */
  CONTINUE(1),
  /** The journal is aborted, and nothing is written any more. */
  REMOUNT_RO(2),
  /** The process ends, as the machine would. */
  PANIC(3);

  /** s_errors. */
  private final int stored;

  OnError(int stored) {
    this.stored = stored;
  }

  /** Its number in the superblock. */
  int stored() {
    return stored;
  }

  /** The value of errors= that asks for it. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the superblock asks for; what it does not say is taken as the format's default. */
  static OnError ofStored(int errors) {
    for (OnError behaviour : values()) {
      if (behaviour.stored == errors) {
        return behaviour;
      }
    }
    return CONTINUE;
  }
}
