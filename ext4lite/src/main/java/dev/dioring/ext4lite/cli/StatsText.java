package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/** The counters of a mount for people: a line for each, and a table of the requests. */
final class StatsText {
  private static final String[] PERCENTILES = {"p50", "p90", "p99", "p999", "max"};
  private static final String[] UNITS = {"ns", "us", "ms", "s"};
  private static final double UNIT_STEP = 1000;

  private final Output out;

  StatsText(Output out) {
    this.out = out;
  }

  void print(JsonNode report) {
    for (Map.Entry<String, JsonNode> entry : report.properties()) {
      if (entry.getKey().equals("requests")) {
        requests(entry.getValue());
      } else {
        part(words(entry.getKey()), entry.getValue());
      }
    }
  }

  private void part(String name, JsonNode value) {
    if (value.isArray()) {
      value.forEach(
          queue -> part("in flight, " + queue.get("name").asText(), queue.get("in_flight")));
    } else if (value.isObject()) {
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        part(name + " " + words(entry.getKey()), entry.getValue());
      }
    } else {
      out.line(String.format(Locale.ROOT, "%-36s %s", name, text(value)));
    }
  }

  private void requests(JsonNode requests) {
    out.line("");
    out.line(
        String.format(
            Locale.ROOT,
            "%-16s %10s %8s %9s %9s %9s %9s %9s",
            "request",
            "count",
            "failed",
            "p50",
            "p90",
            "p99",
            "p99.9",
            "max"));
    for (Map.Entry<String, JsonNode> entry : requests.properties()) {
      JsonNode one = entry.getValue();
      StringBuilder line = new StringBuilder();
      line.append(
          String.format(
              Locale.ROOT,
              "%-16s %10d %8d",
              entry.getKey().toLowerCase(Locale.ROOT),
              one.path("count").asLong(),
              one.path("failed").asLong()));
      for (String percentile : PERCENTILES) {
        String time = time(one.path("latency_nanos").path(percentile).asLong());
        line.append(String.format(Locale.ROOT, " %9s", time));
      }
      out.line(line.toString());
    }
    out.line("");
  }

  private static String words(String key) {
    return key.replace('_', ' ');
  }

  private static String text(JsonNode value) {
    return value.isDouble() ? String.format(Locale.ROOT, "%.3f", value.asDouble()) : value.asText();
  }

  private static String time(long nanos) {
    double value = nanos;
    int unit = 0;
    while (value >= UNIT_STEP && unit < UNITS.length - 1) {
      value /= UNIT_STEP;
      unit++;
    }
    return String.format(Locale.ROOT, "%.3g %s", value, UNITS[unit]);
  }
}
