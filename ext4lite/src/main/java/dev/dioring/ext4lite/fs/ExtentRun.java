package dev.dioring.ext4lite.fs;

/** What a look-up found: a run of file blocks that are stored alike. Reused. */
final class ExtentRun {
  /** How the run is stored. */
  enum State {
    HOLE,
    WRITTEN,
    UNWRITTEN
  }

  State state = State.HOLE;
  long fileBlockNr;
  long lengthBlocks;

  /** First block on the volume; 0 for a hole. */
  long startBlockNr;

  void set(State state, long fileBlockNr, long lengthBlocks, long startBlockNr) {
    this.state = state;
    this.fileBlockNr = fileBlockNr;
    this.lengthBlocks = lengthBlocks;
    this.startBlockNr = startBlockNr;
  }

  long endFileBlockNr() {
    return fileBlockNr + lengthBlocks;
  }

  @Override
  public String toString() {
    return state + " [" + fileBlockNr + ", " + endFileBlockNr() + ") at " + startBlockNr;
  }
}
