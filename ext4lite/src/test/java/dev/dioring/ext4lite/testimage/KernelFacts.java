package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What the kernel says about the files of a mounted image, by path from its root. */
public final class KernelFacts {
  private static final LinkOption NO_FOLLOW = LinkOption.NOFOLLOW_LINKS;

  private KernelFacts() {}

  public static Map<String, FileFacts> of(Path mounted) throws IOException, InterruptedException {
    Map<String, Map<String, String>> xattrs = xattrs(mounted);
    Map<String, FileFacts> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(mounted)) {
      for (Path path : walk.toList()) {
        String name = "/" + mounted.relativize(path);
        all.put(name, attributes(path).put("xattrs", xattrs.getOrDefault(name, Map.of())));
      }
    }
    return all;
  }

  private static FileFacts attributes(Path path) throws IOException {
    Map<String, Object> unix = Files.readAttributes(path, "unix:*", NO_FOLLOW);
    FileFacts facts = new FileFacts();
    int mode = (Integer) get(unix, "mode");
    facts.put("mode", Integer.toOctalString(mode));
    facts.put("inode", get(unix, "ino"));
    facts.put("links", get(unix, "nlink"));
    facts.put("uid", ((Integer) get(unix, "uid")) & 0xffff_ffffL);
    facts.put("gid", ((Integer) get(unix, "gid")) & 0xffff_ffffL);
    facts.put("size", get(unix, "size"));
    facts.put("mtime", ((FileTime) get(unix, "lastModifiedTime")).toInstant());
    facts.put("atime", ((FileTime) get(unix, "lastAccessTime")).toInstant());
    facts.put("ctime", ((FileTime) get(unix, "ctime")).toInstant());
    if (Files.isSymbolicLink(path)) {
      facts.put("target", Files.readSymbolicLink(path));
    } else if (Files.isRegularFile(path, NO_FOLLOW)) {
      facts.put("content", checksum(path));
    }
    int kind = mode & 0xf000;
    if (kind == 0x2000 || kind == 0x6000) {
      long device = (Long) get(unix, "rdev");
      long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
      long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
      facts.put("device", major + ":" + minor);
    }
    return facts;
  }

  private static Object get(Map<String, Object> attributes, String name) throws IOException {
    Object value = attributes.get(name);
    if (value == null) {
      throw new IOException("no attribute " + name);
    }
    return value;
  }

  private static String checksum(Path path) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 18];
    try (InputStream in = Files.newInputStream(path)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
      }
    }
    return Long.toHexString(crc.getValue());
  }

  /** By path, all attributes but those of security modules, which a kernel makes up. */
  private static Map<String, Map<String, String>> xattrs(Path mounted)
      throws IOException, InterruptedException {
    ExternalTool.Outcome outcome =
        ExternalTool.tryRun(
            List.of(
                "getfattr",
                "-R",
                "-h",
                "-P",
                "-d",
                "-m",
                "-",
                "-e",
                "hex",
                "--absolute-names",
                mounted.toString()));
    Map<String, Map<String, String>> all = new HashMap<>();
    @Nullable Map<String, String> current = null;
    for (String line : outcome.output().lines().toList()) {
      if (line.startsWith("# file: ")) {
        Path path = Path.of(line.substring("# file: ".length()));
        current = new TreeMap<>();
        all.put("/" + mounted.relativize(path), current);
      } else if (current != null && !line.isBlank() && !line.startsWith("security.selinux")) {
        int equals = line.indexOf('=');
        String value = equals < 0 ? "" : line.substring(equals + 1).replaceFirst("^0x", "");
        current.put(equals < 0 ? line : line.substring(0, equals), value);
      }
    }
    return all;
  }
}
