package dev.dioring.bench;

import java.util.Locale;

/** Who submits a job's I/O: {@code submit}. */
enum SubmitMode {
  /** Each completion submits the next I/O, on the thread that completes. */
  CALLBACK,
  /** Each I/O gives a future, whose completion starts the next. */
  FUTURE,
  /** As many platform threads as the depth, each blocking. */
  THREAD,
  /** As many virtual threads as the depth, each blocking. */
  VTHREAD;

  String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static SubmitMode parse(String text, EngineKind engine) throws BenchException {
    if (text.isEmpty()) {
      return engine == EngineKind.FILECHANNEL ? THREAD : CALLBACK;
    }
    return switch (text) {
      case "callback", "future" -> {
        if (engine == EngineKind.FILECHANNEL) {
          throw new BenchException(
              BenchException.USAGE,
              "--ioengine=filechannel only blocks; use --submit=thread or --submit=vthread");
        }
        yield text.equals("future") ? FUTURE : CALLBACK;
      }
      case "thread" -> THREAD;
      case "vthread" -> VTHREAD;
      default ->
          throw new BenchException(
              BenchException.USAGE,
              "--submit=" + text + " is unknown; use callback, future, thread or vthread");
    };
  }
}
