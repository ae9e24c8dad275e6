package dev.dioring.ext4lite.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The usual command line of a mount, as people and scripts give it. Read here, it spares the server
 * a fifth of its start: the command-line library's classes are too old for the JVM to keep in an
 * archive. mount(8) calls with the same. Whatever else may be on the line, its other options, help
 * and mistakes too, is left to the library.
 */
final class MountLine {
  private MountLine() {}

  /** The command, or null if the line has anything that is not usual. */
  static @Nullable MountCommand read(String... arguments) {
    List<String> options = new ArrayList<>();
    List<Path> places = new ArrayList<>();
    boolean verbose = false;
    boolean helper = false;
    boolean foreground = false;
    if (arguments.length == 0 || !arguments[0].equals("mount")) {
      return null;
    }
    for (int i = 1; i < arguments.length; i++) {
      String argument = arguments[i];
      switch (argument) {
        case "-f", "--foreground" -> foreground = true; // The launcher has acted on it.
        case "--as-helper" -> helper = true;
        case "-v", "--verbose" -> verbose = true;
        case "-o" -> {
          if (++i == arguments.length || arguments[i].startsWith("-")) {
            return null;
          }
          options.add(arguments[i]);
        }
        default -> {
          if (argument.isEmpty() || argument.startsWith("-") || argument.startsWith("@")) {
            return null;
          }
          places.add(Path.of(argument));
        }
      }
    }
    if (places.size() != 2 || (helper && foreground)) {
      return null;
    }
    MountCommand command = new MountCommand(places.get(0), places.get(1), options, verbose);
    return helper ? command.asHelper() : command;
  }
}
