package dev.dioring.bench;

/**
 * What a benchmark does, checked. Sizes in bytes, times in nanoseconds; the names are fio's.
 *
 * @param filename may contain {@code $jobname}, {@code $jobnum} and {@code $filenum}
 * @param size bytes of the file that are used, or 0 for all behind the offset
 * @param sizePercent {@code size} as a share of the medium instead, or 0
 * @param rwmixread percent of reads in a mixed pattern
 * @param runtimeNanos time at most, or 0 for as long as the size lasts
 * @param fsync writes between two syncs, or 0 for none
 * @param unwritten whether the range is preallocated, and so unwritten, before the first I/O
 */
record JobSpec(
    String name,
    String filename,
    long size,
    int sizePercent,
    long offset,
    boolean direct,
    IoPattern pattern,
    int rwmixread,
    int bs,
    int iodepth,
    int numjobs,
    EngineKind engine,
    SubmitMode submit,
    long runtimeNanos,
    boolean timeBased,
    long rampNanos,
    boolean norandommap,
    long randseed,
    int fsync,
    boolean fdatasync,
    boolean unwritten,
    boolean verify,
    boolean fixedbufs,
    boolean registerfiles,
    boolean sqPoll,
    boolean ioPoll,
    boolean slat,
    boolean groupReporting) {

  /** The file of a job, which may have one of its own. */
  String filename(int jobNumber) {
    return filename
        .replace("$jobname", name)
        .replace("$jobnum", Integer.toString(jobNumber))
        .replace("$filenum", "0");
  }

  /** The same on another file. */
  JobSpec withFilename(String other) {
    return new JobSpec(
        name,
        other,
        size,
        sizePercent,
        offset,
        direct,
        pattern,
        rwmixread,
        bs,
        iodepth,
        numjobs,
        engine,
        submit,
        runtimeNanos,
        timeBased,
        rampNanos,
        norandommap,
        randseed,
        fsync,
        fdatasync,
        unwritten,
        verify,
        fixedbufs,
        registerfiles,
        sqPoll,
        ioPoll,
        slat,
        groupReporting);
  }

  /** The sequential read of all that this one writes. */
  JobSpec readingBack() {
    return new JobSpec(
        name,
        filename,
        size,
        sizePercent,
        offset,
        direct,
        IoPattern.READ,
        rwmixread,
        bs,
        iodepth,
        numjobs,
        engine,
        submit,
        0,
        false,
        0,
        norandommap,
        randseed,
        fsync,
        fdatasync,
        false,
        verify,
        fixedbufs,
        registerfiles,
        sqPoll,
        ioPoll,
        slat,
        groupReporting);
  }
}
