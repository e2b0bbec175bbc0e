package io.entrepot.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Fuzzes each {@code @FuzzTest} with Jazzer, ten minutes for all together: {@code mvn -Plong
 * verify}. Each has a process of its own, as Jazzer needs. An input that breaks something is left
 * in {@code target/fuzz}; put it beside the others in src/test/resources, where each run tries it
 * again.
 */
class LongFuzzIT {
  private static final Duration TOTAL = Duration.ofMinutes(10);
  private static final Duration START = Duration.ofMinutes(5);

  @TestFactory
  Stream<DynamicTest> nothingBreaksAParser() throws IOException {
    JavaClasses tests = new ClassFileImporter().importPath(Path.of("target/test-classes"));
    List<JavaMethod> targets =
        tests.stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.isAnnotatedWith(FuzzTest.class))
            .toList();
    assertThat(targets).isNotEmpty();
    long seconds = Math.max(1, TOTAL.toSeconds() / targets.size());
    Path folder = Files.createDirectories(Path.of("target/fuzz"));
    return targets.stream()
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target.getOwner().getSimpleName() + "." + target.getName(),
                    () -> fuzz(target, seconds, folder)));
  }

  private static void fuzz(JavaMethod target, long seconds, Path folder) throws Exception {
    Path log = folder.resolve(target.getOwner().getSimpleName() + "." + target.getName() + ".log");
    ProcessBuilder jazzer =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Djazzer.hooks=true",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.getOwner().getName(),
            "--target_method=" + target.getName(),
            "--instrumentation_includes=io.entrepot.**",
            "-max_total_time=" + seconds,
            "-timeout=30");
    jazzer.environment().put("JAZZER_FUZZ", "1");
    Process process =
        jazzer
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean ended = process.waitFor(seconds + START.toSeconds(), TimeUnit.SECONDS);
      assertThat(ended).as("it ends: " + log).isTrue();
      assertThat(process.exitValue()).as(log.toString()).isZero();
      assertThat(log).content().contains("Done ");
    } finally {
      process.destroyForcibly();
    }
  }
}
