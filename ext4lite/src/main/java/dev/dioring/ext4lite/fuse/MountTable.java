package dev.dioring.ext4lite.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is mounted, from /proc/self/mountinfo. */
final class MountTable {
  private static final Path FILE = Path.of("/proc/self/mountinfo");
  private static final int DEVICE = 2;
  private static final int TARGET = 4;
  private static final int OPTIONS = 5;
  private static final int OPTIONAL = 6;

  /**
   * One mount.
   *
   * @param options what holds for this mount, and not for the file system wherever it is mounted
   * @param deviceMinor minor number of its device, by which FUSE names connections
   */
  record Entry(Path directory, List<String> options, String type, String source, int deviceMinor) {}

  private final List<Entry> entries;

  private MountTable(List<Entry> entries) {
    this.entries = entries;
  }

  static MountTable read() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      String[] fields = line.split(" ", -1);
      int separator = OPTIONAL;
      while (!fields[separator].equals("-")) {
        separator++;
      }
      String device = fields[DEVICE];
      entries.add(
          new Entry(
              Path.of(unescape(fields[TARGET])),
              List.of(fields[OPTIONS].split(",", -1)),
              fields[separator + 1],
              unescape(fields[separator + 2]),
              Integer.parseInt(device.substring(device.indexOf(':') + 1))));
    }
    return new MountTable(entries);
  }

  /** What is mounted on a directory, the uppermost of several, or null. */
  @Nullable Entry find(Path directory) {
    Entry found = null;
    for (Entry entry : entries) {
      if (entry.directory.equals(directory)) {
        found = entry;
      }
    }
    return found;
  }

  /** Undoes the kernel's octal escapes of blanks and backslashes. */
  private static String unescape(String field) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        c = (char) Integer.parseInt(field.substring(i + 1, i + 4), 8);
        i += 3;
      }
      text.append(c);
    }
    return text.toString();
  }
}
