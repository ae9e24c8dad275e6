package dev.dioring.ext4lite.format;

import java.util.ArrayList;
import java.util.List;

/**
 * The three feature words of a superblock.
 *
 * @param compat s_feature_compat
 * @param incompat s_feature_incompat
 * @param roCompat s_feature_ro_compat
 */
public record Features(int compat, int incompat, int roCompat) {
  private static final Feature[] ALL = Feature.values();

  public boolean has(Feature feature) {
    return (word(feature.kind()) & feature.mask()) != 0;
  }

  /** The names of all features set, unknown ones as FEATURE_I27 and the like. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Feature.Kind kind : Feature.Kind.values()) {
      names.addAll(names(kind, word(kind)));
    }
    return names;
  }

  /** The names of the features of one kind that are set but not among {@code known}. */
  public List<String> namesBeyond(Feature.Kind kind, Iterable<Feature> known) {
    int rest = word(kind);
    for (Feature feature : known) {
      if (feature.kind() == kind) {
        rest &= ~feature.mask();
      }
    }
    return names(kind, rest);
  }

  private int word(Feature.Kind kind) {
    return switch (kind) {
      case COMPAT -> compat;
      case INCOMPAT -> incompat;
      case RO_COMPAT -> roCompat;
    };
  }

  private static List<String> names(Feature.Kind kind, int word) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      int mask = 1 << bit;
      if ((word & mask) != 0) {
        names.add(name(kind, mask, bit));
      }
    }
    return names;
  }

  private static String name(Feature.Kind kind, int mask, int bit) {
    for (Feature feature : ALL) {
      if (feature.kind() == kind && feature.mask() == mask) {
        return feature.diskName();
      }
    }
    return "FEATURE_" + kind.letter + bit;
  }
}
