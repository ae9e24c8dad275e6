package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "512, 512",
    "4k, 4096",
    "4K, 4096",
    "4kb, 4096",
    "4ki, 4096",
    "4kib, 4000",
    "1m, 1048576",
    "1g, 1073741824",
    "2t, 2199023255552",
    "7b, 7"
  })
  void bytesAsFioReadsThem(String text, long bytes) throws BenchException {
    assertEquals(bytes, Quantity.bytes("--size", text));
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10000000000",
    "10s, 10000000000",
    "500ms, 500000000",
    "7us, 7000",
    "2m, 120000000000",
    "1h, 3600000000000"
  })
  void durations(String text, long nanos) throws BenchException {
    assertEquals(nanos, Quantity.nanos("--runtime", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "4x", "-1", "4kk", "99999999999999999999", "9999999p", "1.5g"})
  void refusesWhatIsNotASize(String text) {
    BenchException refused =
        assertThrows(BenchException.class, () -> Quantity.bytes("--size", text));
    assertEquals(BenchException.USAGE, refused.exitCode());
  }

  @Test
  void refusesWhatIsNotADuration() {
    assertThrows(BenchException.class, () -> Quantity.nanos("--runtime", "5 parsecs"));
  }
}
