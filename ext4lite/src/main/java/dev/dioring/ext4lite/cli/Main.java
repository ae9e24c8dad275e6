package dev.dioring.ext4lite.cli;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fuse.MountException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point: parses, runs a command, and turns every failure into one line. */
@Command(
    name = "ext4lite",
    description = "ext4 disk images without root and without a kernel mount.",
    version = "ext4lite 0.1.0",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Data goes to standard output, messages to standard error; exit codes are those of sysexits.",
      "ext4lite COMMAND --help tells more."
    })
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          LsCommand.class,
          CatCommand.class,
          StatCommand.class,
          InfoCommand.class,
          XattrCommand.class,
          CpCommand.class,
          MkdirCommand.class,
          RmCommand.class,
          MvCommand.class,
          LnCommand.class,
          ChmodCommand.class,
          TouchCommand.class,
          TruncateCommand.class,
          MountCommand.class,
          UmountCommand.class,
          StatsCommand.class,
          DemoCommand.class);

  /** Null where no command line is parsed; making one would load most of the library. */
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private final OutputStream out;
  private final boolean terminal;
  private final PrintStream err;

  private Main(OutputStream out, boolean terminal, PrintStream err) {
    this.out = out;
    this.terminal = terminal;
    this.err = err;
  }

  /** For commands that no command line has made yet. */
  static Main detached() {
    return new Main(OutputStream.nullOutputStream(), false, System.err);
  }

  /** Where a command's data goes; its owner closes it. */
  Output output() {
    return new Output(out, terminal);
  }

  /** Tells people something, on one line. */
  void tell(String message) {
    err.println("ext4lite: " + message);
  }

  /** Tells of a failure after which a command goes on. @return the exit code it stands for */
  int tell(Exception failure) {
    tell(message(failure));
    return exitCode(failure);
  }

  public static void main(String[] arguments) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
    System.setProperty("org.slf4j.simpleLogger.showLogName", "false");
    if (arguments.length > 0 && arguments[0].equals("mount")) {
      System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
      System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
    }
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    int exitCode = run(out, isTerminal(), err, arguments);
    Readiness.ended(exitCode);
    System.exit(exitCode);
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  static int run(OutputStream out, boolean terminal, PrintStream err, String... arguments) {
    Main main = new Main(out, terminal, err);
    MountCommand mount = MountLine.read(arguments);
    if (mount != null) {
      return main.run(mount);
    }
    PrintWriter help = new PrintWriter(out, false, StandardCharsets.UTF_8);
    int exit = run(main, help, arguments);
    if (help.checkError() && exit == ExitStatus.OK) {
      err.println("ext4lite: writing to standard output failed");
      return ExitStatus.IO;
    }
    return exit;
  }

  private int run(MountCommand mount) {
    try {
      return mount.call();
    } catch (IOException | InterruptedException | RuntimeException e) {
      return tell(e);
    }
  }

  private static int run(Main main, PrintWriter help, String... arguments) {
    CommandLine line = new CommandLine(main);
    for (Class<?> command : commandsFor(arguments)) {
      line.addSubcommand(command);
    }
    line.setOut(help);
    line.setExitCodeExceptionMapper(Main::exitCode);
    line.setExecutionExceptionHandler((failure, command, parsed) -> main.tell(failure));
    line.setParameterExceptionHandler(
        (failure, rest) -> {
          main.tell(failure.getMessage() + " (see 'ext4lite --help')");
          return ExitStatus.USAGE;
        });
    return line.execute(arguments);
  }

  /** The command that is called, if one is: a model of all of them is most of a start's time. */
  private static List<Class<?>> commandsFor(String... arguments) {
    for (Class<?> command : COMMANDS) {
      if (arguments.length > 0 && arguments[0].equals(nameOf(command))) {
        return List.of(command);
      }
    }
    return COMMANDS;
  }

  /** The name of a command: that of its class, which costs less to ask than its annotation. */
  private static String nameOf(Class<?> command) {
    return command.getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
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
        .toLowerCase(Locale.ROOT);
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
