package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What debugfs says about inodes. */
public final class DebugfsFacts {
  private static final Pattern KIND =
      Pattern.compile("Type: (.*?)    Mode: +(\\d+)   Flags: 0x(\\w+)");
  private static final Pattern OWNER =
      Pattern.compile("User: +(-?\\d+)   Group: +(-?\\d+)(?:   Project: +(\\d+))?   Size: (\\d+)");
  private static final Pattern SPACE = Pattern.compile("Links: (\\d+)   Blockcount: (\\d+)");
  private static final Pattern GENERATION = Pattern.compile("Generation: (\\d+)");
  private static final Pattern TIME =
      Pattern.compile("([cam]|cr)time: 0x([0-9a-f]{8})(?::([0-9a-f]{8}))? -- ");
  private static final Map<String, Integer> KINDS =
      Map.of(
          "regular", 0x8000,
          "directory", 0x4000,
          "symlink", 0xa000,
          "character special", 0x2000,
          "block special", 0x6000,
          "FIFO", 0x1000,
          "socket", 0xc000);

  private DebugfsFacts() {}

  /** The facts about inodes, by number. */
  public static Map<Long, FileFacts> of(Ext4Image image, Collection<Long> inodeNrs)
      throws IOException, InterruptedException {
    String[] commands = inodeNrs.stream().map(nr -> "stat <" + nr + ">").toArray(String[]::new);
    Map<Long, FileFacts> all = new TreeMap<>();
    String[] parts = image.debugfs(commands).split("debugfs: stat <", -1);
    for (int i = 1; i < parts.length; i++) {
      int end = parts[i].indexOf('>');
      all.put(Long.parseLong(parts[i].substring(0, end)), parse(parts[i]));
    }
    return all;
  }

  private static FileFacts parse(String output) {
    FileFacts facts = new FileFacts();
    Matcher kind = match(KIND, output);
    Integer bits = KINDS.get(kind.group(1));
    int mode = Integer.parseInt(kind.group(2), 8) | (bits == null ? 0 : bits);
    facts.put("mode", Integer.toOctalString(mode));
    facts.put("flags", kind.group(3));
    Matcher owner = match(OWNER, output);
    facts.put("uid", unsigned(owner.group(1))).put("gid", unsigned(owner.group(2)));
    facts.put("size", owner.group(4));
    if (owner.group(3) != null) {
      facts.put("project", owner.group(3));
    }
    Matcher space = match(SPACE, output);
    facts.put("links", space.group(1)).put("sectors", space.group(2));
    facts.put("generation", match(GENERATION, output).group(1));
    Matcher time = TIME.matcher(output);
    while (time.find()) {
      facts.put(time.group(1) + "time", instant(time.group(2), time.group(3)));
    }
    return facts;
  }

  /** debugfs shows owners as signed numbers. */
  private static long unsigned(String number) {
    return Long.parseLong(number) & 0xffff_ffffL;
  }

  private static Instant instant(String low, String extra) {
    long seconds = (int) Long.parseLong(low, 16);
    if (extra == null) {
      return Instant.ofEpochSecond(seconds);
    }
    long more = Long.parseLong(extra, 16);
    return Instant.ofEpochSecond(seconds + ((more & 3) << 32), more >>> 2);
  }

  private static Matcher match(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new AssertionError("no " + pattern + " in " + output);
    }
    return matcher;
  }
}
