package dev.dioring.ext4lite.cli;

import java.nio.charset.StandardCharsets;

/** Names alone. */
final class LsShort implements LsFormat {
  private final Output out;
  private boolean first = true;

  LsShort(Output out) {
    this.out = out;
  }

  @Override
  public void heading(String path) {
    heading(out, path, first);
    first = false;
  }

  static void heading(Output out, String path, boolean first) {
    if (!first) {
      out.line("");
    }
    out.name(path.getBytes(StandardCharsets.UTF_8)).line(":");
  }

  @Override
  public void entry(String directory, byte[] name, long inodeNr) {
    out.name(name).line("");
  }

  @Override
  public void unreadable(String directory, byte[] name, long inodeNr, String why) {
    out.name(name).line("");
  }
}
