package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

/** What is written by hand against what the headers and libc say. */
class ConstantsTest {
  @Test
  void errnosHaveTheHeadersNumbersAndLibcsTexts() throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle strerror =
        linker.downcallHandle(
            linker.defaultLookup().find("strerror").orElseThrow(),
            FunctionDescriptor.of(ADDRESS, JAVA_INT));
    int checked = 0;
    for (Field field : Errno.class.getDeclaredFields()) {
      if (!Modifier.isPublic(field.getModifiers())) {
        continue;
      }
      String name = field.getName();
      int errno = field.getInt(null);
      assertEquals(LibcH.class.getMethod(name).invoke(null), errno, name);
      MemorySegment text = (MemorySegment) strerror.invokeExact(errno);
      String expected = name + " (" + text.reinterpret(1000).getString(0) + ")";
      assertEquals(expected, Errno.describe(errno));
      assertEquals(expected, Errno.describe(-errno));
      checked++;
    }
    assertTrue(checked > 40);
  }

  @Test
  void openFlagsAreTheHeadersOnX86() {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "the generated constants are of x86-64");
    assertEquals(LibcH.O_DIRECT(), LinuxFiles.O_DIRECT);
    assertEquals(LibcH.O_DIRECTORY(), LinuxFiles.O_DIRECTORY);
    assertEquals(LibcH.O_NOFOLLOW(), LinuxFiles.O_NOFOLLOW);
    assertEquals(LibcH.O_TMPFILE(), LinuxFiles.O_TMPFILE);
  }
}
