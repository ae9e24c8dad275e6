package dev.dioring.bench;

/** One of those that a comparison runs in turn. */
interface Contender {
  String name();

  /** Runs once. */
  Measure run() throws BenchException;

  static Contender of(String name, Run run) {
    return new Contender() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measure run() throws BenchException {
        return run.run();
      }
    };
  }

  /** A run. */
  @FunctionalInterface
  interface Run {
    Measure run() throws BenchException;
  }
}
