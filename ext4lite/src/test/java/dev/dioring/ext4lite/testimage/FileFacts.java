package dev.dioring.ext4lite.testimage;

import java.util.Map;
import java.util.TreeMap;

/** What one program says about one file: names of facts and their values, for comparison. */
public final class FileFacts {
  private final Map<String, String> facts = new TreeMap<>();

  public FileFacts put(String fact, Object value) {
    facts.put(fact, String.valueOf(value));
    return this;
  }

  /** Only the facts that another program states too. */
  public FileFacts restrictedTo(FileFacts other) {
    FileFacts both = new FileFacts();
    both.facts.putAll(facts);
    both.facts.keySet().retainAll(other.facts.keySet());
    return both;
  }

  /** All but one. */
  public FileFacts without(String fact) {
    FileFacts others = new FileFacts();
    others.facts.putAll(facts);
    others.facts.remove(fact);
    return others;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof FileFacts other && facts.equals(other.facts);
  }

  @Override
  public int hashCode() {
    return facts.hashCode();
  }

  @Override
  public String toString() {
    return facts.toString();
  }
}
