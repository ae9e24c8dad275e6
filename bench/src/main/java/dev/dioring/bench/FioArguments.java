package dev.dioring.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A specification as fio's options. */
final class FioArguments {
  private static final long MICROS = 1000;

  private final Map<String, String> named = new LinkedHashMap<>();

  FioArguments(JobSpec spec) {
    named.put("name", spec.name());
    named.put(spec.filename().contains("$job") ? "filename_format" : "filename", spec.filename());
    if (spec.size() > 0) {
      named.put("size", Long.toString(spec.size()));
    } else if (spec.sizePercent() > 0) {
      named.put("size", spec.sizePercent() + "%");
    }
    named.put("offset", Long.toString(spec.offset()));
    named.put("direct", spec.direct() ? "1" : "0");
    named.put("rw", spec.pattern().fioName());
    if (spec.pattern().mixed()) {
      named.put("rwmixread", Integer.toString(spec.rwmixread()));
    }
    named.put("bs", Integer.toString(spec.bs()));
    named.put("iodepth", Integer.toString(spec.iodepth()));
    named.put("numjobs", Integer.toString(spec.numjobs()));
    if (spec.runtimeNanos() > 0) {
      named.put("runtime", spec.runtimeNanos() / MICROS + "us");
    }
    if (spec.timeBased()) {
      named.put("time_based", "1");
    }
    if (spec.rampNanos() > 0) {
      named.put("ramp_time", spec.rampNanos() / MICROS + "us");
    }
    if (spec.norandommap()) {
      named.put("norandommap", "1");
    }
    named.put("randseed", Long.toString(spec.randseed()));
    if (spec.fsync() > 0) {
      named.put(spec.fdatasync() ? "fdatasync" : "fsync", Integer.toString(spec.fsync()));
    }
    if (!spec.slat()) {
      named.put("disable_slat", "1");
    }
    if (spec.groupReporting()) {
      named.put("group_reporting", "1");
    }
  }

  /** Option names and values, without the engine. */
  Map<String, String> named() {
    return named;
  }

  /** Command-line arguments for io_uring, reporting in JSON; {@code extra} comes last. */
  List<String> arguments(List<String> extra) {
    List<String> arguments = new ArrayList<>();
    named.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    arguments.add("--ioengine=io_uring");
    arguments.add("--output-format=json");
    arguments.add("--eta=never");
    arguments.addAll(extra);
    return arguments;
  }
}
