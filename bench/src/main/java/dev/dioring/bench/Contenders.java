package dev.dioring.bench;

import java.util.ArrayList;
import java.util.List;

/** Makes the contenders of a comparison for a specification. */
final class Contenders {
  static final String FIO = "fio";
  static final String KERNEL = "kernel ext4";

  private Contenders() {}

  /** Ourselves, and fio both plain and with everything registered. */
  static List<Contender> withFio(JobSpec spec) throws BenchException {
    if (spec.engine() == EngineKind.EXT4) {
      return ImageRounds.contenders(spec);
    }
    List<Contender> contenders = new ArrayList<>();
    contenders.add(own(label(spec), spec));
    contenders.addAll(fio(spec));
    return contenders;
  }

  static Contender own(String name, JobSpec spec) {
    return Contender.of(name, () -> Measure.of(BenchRun.run(spec, Progress.silent())));
  }

  static List<Contender> fio(JobSpec spec) {
    return List.of(
        Contender.of(FIO + " io_uring", () -> fio(spec, List.of())),
        Contender.of(
            FIO + " io_uring registered",
            () -> fio(spec, List.of("--registerfiles=1", "--fixedbufs=1", "--nonvectored=1"))));
  }

  static Measure fio(JobSpec spec, List<String> variant) throws BenchException {
    List<String> command = new ArrayList<>(List.of("fio"));
    List<String> extra = new ArrayList<>(variant);
    extra.add("--group_reporting");
    command.addAll(new FioArguments(spec).arguments(extra));
    return Measure.ofFio(Commands.run(command));
  }

  static String label(JobSpec spec) {
    String submit = spec.submit() == SubmitMode.CALLBACK ? "" : " " + spec.submit().optionName();
    return "dioring " + spec.engine().optionName() + submit;
  }
}
