package dev.dioring.bench;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a job, with fio's names and defaults. Switches take 0 or 1, or nothing for 1. */
final class JobOptions {
  @Option(names = "--name", description = "Name of the job (default: ${DEFAULT-VALUE}).")
  String name = "job";

  @Option(
      names = "--filename",
      description = "File or block device; IMAGE:/PATH with --ioengine=ext4.")
  @Nullable String filename;

  @Option(names = "--directory", description = "Where the files are; IMAGE:/PATH with ext4.")
  String directory = "";

  @Option(
      names = "--filename_format",
      description = "Their names where no --filename is given (default: ${DEFAULT-VALUE}).")
  String filenameFormat = "$jobname.$jobnum.$filenum";

  @Option(names = "--size", description = "Bytes to use, with k, m, g, or a share such as 50%%.")
  String size = "";

  @Option(names = "--offset", description = "Where in the file to start.")
  String offset = "0";

  @Option(names = "--direct", arity = "0..1", fallbackValue = "1", description = "Use O_DIRECT.")
  int direct;

  @Option(names = "--buffered", arity = "0..1", fallbackValue = "1", description = "Not --direct.")
  @Nullable Integer buffered;

  @Option(
      names = {"--rw", "--readwrite"},
      description = "read, write, rw, randread, randwrite, randrw (default: ${DEFAULT-VALUE}).")
  String rw = "read";

  @Option(names = "--rwmixread", description = "Percent of reads in rw and randrw.")
  int rwmixread = 50;

  @Option(
      names = {"--bs", "--blocksize"},
      description = "Bytes of one I/O (default: ${DEFAULT-VALUE}).")
  String bs = "4k";

  @Option(names = "--iodepth", description = "I/Os in flight (default: ${DEFAULT-VALUE}).")
  int iodepth = 1;

  @Option(names = "--numjobs", description = "Jobs at once, each with a ring of its own.")
  int numjobs = 1;

  @Option(
      names = "--ioengine",
      description = "uring, sync, filechannel, ext4 (default: ${DEFAULT-VALUE}).")
  String ioengine = "uring";

  @Option(
      names = "--submit",
      description = "callback, future, thread (blocking), vthread (blocking).")
  String submit = "";

  @Option(names = "--runtime", description = "Time at most; seconds, or with ms, m, h.")
  String runtime = "0";

  @Option(names = "--time_based", arity = "0..1", fallbackValue = "1", description = "Fill it.")
  int timeBased;

  @Option(names = "--ramp_time", description = "Time before measuring starts.")
  String rampTime = "0";

  @Option(
      names = "--norandommap",
      arity = "0..1",
      fallbackValue = "1",
      description = "Random blocks may repeat before all were visited.")
  int norandommap;

  @Option(names = "--randseed", description = "Seed of the random order.")
  long randseed = 0x5eed;

  @Option(names = "--fsync", description = "Sync after this many writes.")
  int fsync;

  @Option(names = "--fdatasync", description = "Sync data after this many writes.")
  int fdatasync;

  @Option(
      names = "--unwritten",
      arity = "0..1",
      fallbackValue = "1",
      description = "Preallocate the range first, so that each block's first write converts it.")
  int unwritten;

  @Option(names = "--verify", description = "crc32c: stamp what is written, check what is read.")
  String verify = "";

  @Option(
      names = "--fixedbufs",
      arity = "0..1",
      fallbackValue = "1",
      description = "Register the buffers with the ring (default, unlike fio: 1).")
  int fixedbufs = 1;

  @Option(
      names = "--registerfiles",
      arity = "0..1",
      fallbackValue = "1",
      description = "Register the file with the ring (default, unlike fio: 1).")
  int registerfiles = 1;

  @Option(names = "--nonvectored", arity = "0..1", fallbackValue = "1", description = "Always on.")
  int nonvectored = 1;

  @Option(names = "--sqthread_poll", arity = "0..1", fallbackValue = "1", description = "SQPOLL.")
  int sqthreadPoll;

  @Option(names = "--hipri", arity = "0..1", fallbackValue = "1", description = "IOPOLL.")
  int hipri;

  @Option(names = "--disable_slat", arity = "0..1", fallbackValue = "1", description = "As fio's.")
  int disableSlat;

  @Option(
      names = "--group_reporting",
      arity = "0..1",
      fallbackValue = "1",
      description = "Report all jobs as one.")
  int groupReporting;

  @Option(names = "--thread", arity = "0..1", fallbackValue = "1", description = "Always threads.")
  int thread;

  JobSpec spec() throws BenchException {
    IoPattern pattern = IoPattern.parse(rw);
    EngineKind engine = EngineKind.parse(ioengine);
    int percent = sizePercent();
    long bytes = size.isEmpty() || percent != 0 ? 0 : Quantity.bytes("--size", size);
    long block = Quantity.bytes("--bs", bs);
    long runtimeNanos = Quantity.nanos("--runtime", runtime);
    long start = Quantity.bytes("--offset", offset);
    check(block > 0 && block <= 1 << 30, "--bs=" + bs + " is not between 1 and 1g");
    check(bytes == 0 || bytes >= block, "--size=" + size + " is less than one block of --bs=" + bs);
    check(iodepth >= 1 && iodepth <= 4096, "--iodepth=" + iodepth + " is not between 1 and 4096");
    check(numjobs >= 1 && numjobs <= 512, "--numjobs=" + numjobs + " is not between 1 and 512");
    check(rwmixread >= 0 && rwmixread <= 100, "--rwmixread=" + rwmixread + " is not a percentage");
    check(timeBased == 0 || runtimeNanos > 0, "--time_based needs a --runtime");
    check(fsync >= 0 && fdatasync >= 0, "--fsync and --fdatasync must not be negative");
    check(
        verify.isEmpty() || verify.equals("crc32c") || verify.equals("0"),
        "--verify=" + verify + " is unknown; use crc32c");
    String file = filename != null ? filename : filenameFormat;
    String files = directory.isEmpty() ? file : directory.replaceFirst("/*$", "/") + file;
    boolean verifies = verify.equals("crc32c");
    check(!verifies || block >= BlockStamp.BYTES, "--verify needs a --bs of at least 512");
    check(unwritten == 0 || engine == EngineKind.EXT4, "--unwritten needs --ioengine=ext4");
    if (engine == EngineKind.EXT4) {
      ImagePath unused = ImagePath.parse(files);
    }
    return new JobSpec(
        name,
        files,
        bytes,
        percent,
        start,
        (buffered != null ? buffered == 0 : direct != 0) || engine == EngineKind.EXT4,
        pattern,
        rwmixread,
        (int) block,
        iodepth,
        numjobs,
        engine,
        SubmitMode.parse(submit, engine),
        runtimeNanos,
        timeBased != 0,
        Quantity.nanos("--ramp_time", rampTime),
        norandommap != 0,
        randseed,
        fsync != 0 ? fsync : fdatasync,
        fsync == 0,
        unwritten != 0,
        verifies,
        fixedbufs != 0,
        registerfiles != 0,
        sqthreadPoll != 0,
        hipri != 0,
        disableSlat == 0,
        groupReporting != 0);
  }

  private int sizePercent() throws BenchException {
    if (!size.endsWith("%")) {
      return 0;
    }
    try {
      int percent = Integer.parseInt(size.substring(0, size.length() - 1));
      check(percent >= 1 && percent <= 100, "--size=" + size + " is not between 1% and 100%");
      return percent;
    } catch (NumberFormatException e) {
      throw new BenchException(
          BenchException.USAGE, "--size=" + size + " is not a percentage such as 50%", e);
    }
  }

  private static void check(boolean holds, String message) throws BenchException {
    if (!holds) {
      throw new BenchException(BenchException.USAGE, message);
    }
  }
}
