package dev.dioring.ext4lite.format;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A structure on disk breaks a rule of the format: which one, where, and what was found. */
public final class CorruptStructureException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final String CHECKSUM = "checksum";
  private static final Pattern BLOCK = Pattern.compile("block (\\d+)");

  private final String structure;
  private final String predicate;
  private final String expected;
  private final String found;

  /**
   * Builds the error.
   *
   * @param structure what and where, such as "inode 12" or "extent node in block 8311"
   * @param predicate the rule that failed, in the names of the format, such as "eh_entries <=
   *     eh_max"
   * @param expected what the rule allows
   * @param found what the disk holds
   */
  public CorruptStructureException(
      String structure, String predicate, String expected, String found) {
    super(structure + ": " + predicate + ": expected " + expected + ", found " + found);
    this.structure = structure;
    this.predicate = predicate;
    this.expected = expected;
    this.found = found;
  }

  public String structure() {
    return structure;
  }

  public String predicate() {
    return predicate;
  }

  public String expected() {
    return expected;
  }

  public String found() {
    return found;
  }

  /** A stored checksum that is not the one computed. */
  public static CorruptStructureException checksum(String structure, int expected, int found) {
    return new CorruptStructureException(structure, CHECKSUM, hex(expected), hex(found));
  }

  /** Whether it is a checksum that is wrong. */
  public boolean isChecksum() {
    return predicate.equals(CHECKSUM);
  }

  /** The block that the structure's name says it lies in, or 0. */
  public long blockNr() {
    Matcher matcher = BLOCK.matcher(structure);
    try {
      return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** What kind of structure it is: its name up to the first number. */
  public String subject() {
    return structure.replaceFirst("( in block| of group| block| group)? \\d.*", "");
  }

  static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }
}
