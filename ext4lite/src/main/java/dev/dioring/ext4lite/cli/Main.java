package dev.dioring.ext4lite.cli;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fuse.MountException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point: parses, runs a command, and turns every failure into one line. */
@Command(
    name = "ext4lite",
    description = "ext4 disk images without root and without a kernel mount.",
    version = "ext4lite 0.1.0",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      LsCommand.class,
      CatCommand.class,
      StatCommand.class,
      InfoCommand.class,
      XattrCommand.class,
      CpCommand.class,
      MountCommand.class,
      UmountCommand.class,
      DemoCommand.class
    },
    footer = {
      "",
      "Data goes to standard output, messages to standard error; exit codes are those of sysexits.",
      "ext4lite COMMAND --help tells more."
    })
public final class Main implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private Main() {}

  public static void main(String[] arguments) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
    System.setProperty("org.slf4j.simpleLogger.showLogName", "false");
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    int exitCode = run(err, arguments);
    Readiness.ended(exitCode);
    System.exit(exitCode);
  }

  static int run(PrintStream err, String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setExitCodeExceptionMapper(Main::exitCode);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          err.println("ext4lite: " + message(failure));
          return exitCode(failure);
        });
    line.setParameterExceptionHandler(
        (failure, rest) -> {
          err.println("ext4lite: " + failure.getMessage());
          err.println("Try 'ext4lite --help'.");
          return ExitStatus.USAGE;
        });
    return line.execute(arguments);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }

  private static String message(Throwable failure) {
    if (failure instanceof FileSystemException file) {
      String reason = file.getReason();
      String name = file.getClass().getSimpleName();
      return file.getFile() + ": " + (reason != null ? reason : describe(name));
    }
    if (failure instanceof IOException || failure instanceof CliException) {
      return String.valueOf(failure.getMessage());
    }
    return "internal error, please report it: " + failure;
  }

  /** Turns NoSuchFileException into "no such file" and the like. */
  private static String describe(String exceptionName) {
    return exceptionName
        .replace("Exception", "")
        .replaceAll("([a-z])([A-Z])", "$1 $2")
        .toLowerCase(java.util.Locale.ROOT);
  }

  private static int exitCode(Throwable failure) {
    return switch (failure) {
      case CliException e -> e.exitStatus();
      case Ext4Exception e -> ExitStatus.of(e.errno());
      case MountException e -> ExitStatus.of(e.errno());
      case BlockIoException e -> ExitStatus.of(e.errno());
      case java.nio.file.NoSuchFileException _ignored -> ExitStatus.NO_INPUT;
      case java.nio.file.AccessDeniedException _ignored -> ExitStatus.NO_PERMISSION;
      case IOException _ignored -> ExitStatus.IO;
      default -> ExitStatus.SOFTWARE;
    };
  }
}
