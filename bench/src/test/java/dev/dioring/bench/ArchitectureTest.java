package dev.dioring.bench;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The arrows between packages, and the few calls that belong to one place. Module descriptors hold
 * the arrows between modules; this test lives in the last module because it sees all the others.
 */
class ArchitectureTest {
  private static final String BINDINGS = "dev.dioring.bindings..";
  private static final String ENGINE = "dev.dioring.engine..";
  private static final String EXT4LITE = "dev.dioring.ext4lite..";
  private static final String BENCH = "dev.dioring.bench..";
  private static final String GENERATED = "dev.dioring.bindings.generated..";
  private static final String JEXTRACT_OUTPUT = "/dev/dioring/bindings/generated/";

  private static JavaClasses production;
  private static JavaClasses tests;

  @BeforeAll
  static void readEveryModule() {
    production = classesIn("classes");
    tests = classesIn("test-classes");
    // An importer that finds nothing would let every rule pass.
    assertTrue(production.contain("dev.dioring.engine.block.BlockDevice"));
    assertTrue(tests.contain(ArchitectureTest.class));
  }

  private static JavaClasses classesIn(String output) {
    ImportOption handWritten = location -> !location.contains(JEXTRACT_OUTPUT);
    List<Path> directories =
        List.of("native-bindings", "engine", "ext4lite", "bench").stream()
            .map(module -> Path.of("..", module, "target", output))
            .filter(Files::isDirectory)
            .toList();
    return new ClassFileImporter().withImportOption(handWritten).importPaths(directories);
  }

  @Test
  void modulesPointDownwards() {
    layers()
        .layer("bindings")
        .definedBy(BINDINGS)
        .layer("engine")
        .definedBy(ENGINE)
        .layer("ext4lite")
        .definedBy(EXT4LITE)
        .layer("bench")
        .definedBy(BENCH)
        .whereLayer("bindings")
        .mayNotAccessAnyLayer()
        .whereLayer("engine")
        .mayOnlyAccessLayers("bindings")
        .whereLayer("ext4lite")
        .mayOnlyAccessLayers("bindings", "engine")
        .check(production);
  }

  @Test
  void enginePackagesPointDownwards() {
    layers()
        .layer("memory")
        .definedBy("dev.dioring.engine.memory..")
        .layer("ring")
        .definedBy("dev.dioring.engine.ring..")
        .layer("block")
        .definedBy("dev.dioring.engine.block..")
        .layer("dio")
        .definedBy("dev.dioring.engine.dio..")
        .layer("threads")
        .definedBy("dev.dioring.engine.threads..")
        .whereLayer("threads")
        .mayNotAccessAnyLayer()
        .whereLayer("memory")
        .mayNotAccessAnyLayer()
        .whereLayer("ring")
        .mayOnlyAccessLayers("memory", "threads")
        .whereLayer("block")
        .mayOnlyAccessLayers("memory", "ring", "threads")
        .whereLayer("dio")
        .mayOnlyAccessLayers("memory", "block", "threads")
        .check(production);
  }

  @Test
  void ext4PackagesPointDownwards() {
    layers()
        .layer("format")
        .definedBy("dev.dioring.ext4lite.format..")
        .layer("buffer")
        .definedBy("dev.dioring.ext4lite.buffer..")
        .layer("journal")
        .definedBy("dev.dioring.ext4lite.journal..")
        .layer("fs")
        .definedBy("dev.dioring.ext4lite.fs..")
        .layer("fuse")
        .definedBy("dev.dioring.ext4lite.fuse..")
        .layer("cli")
        .definedBy("dev.dioring.ext4lite.cli..")
        .whereLayer("format")
        .mayNotAccessAnyLayer()
        .whereLayer("buffer")
        .mayOnlyAccessLayers("format")
        .whereLayer("journal")
        .mayOnlyAccessLayers("format", "buffer")
        .whereLayer("fs")
        .mayOnlyAccessLayers("format", "buffer", "journal")
        .whereLayer("fuse")
        .mayOnlyAccessLayers("format", "fs")
        .check(production);
  }

  @Test
  void formatKnowsNoDevice() {
    never(
        noClasses()
            .that()
            .resideInAPackage("dev.dioring.ext4lite.format..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BINDINGS, ENGINE)
            .because(
                "on-disk structures are memory with accessors, wherever the memory came from"));
  }

  @Test
  void onlyTheBindingsKnowNativeLayouts() {
    never(
        noClasses()
            .that()
            .resideOutsideOfPackage(BINDINGS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(GENERATED));
    never(
        noClasses()
            .that()
            .resideOutsideOfPackage(BINDINGS)
            .should()
            .callMethodWhere(
                target(name("reinterpret")).and(target(owner(equivalentTo(MemorySegment.class)))))
            .because("a wrong length there is a crash, so it stays where layouts are known"));
  }

  @Test
  void noMemoryIsFreedByTheCollector() {
    never(
        noClasses()
            .should()
            .callMethod(Arena.class, "ofAuto")
            .because("the kernel may still write to memory that nothing in Java refers to"));
  }

  @Test
  void testsWaitForEventsAndNotForTime() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", Duration.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .check(tests);
  }

  private static LayeredArchitecture layers() {
    return layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
  }

  private static void never(ArchRule rule) {
    rule.allowEmptyShould(true).check(production);
  }
}
