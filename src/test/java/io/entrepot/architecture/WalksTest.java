package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walks of ARCHITECTURE.md and the recipes of CONTRIBUTING.md name files as they are. */
class WalksTest {
  private static final int LONGEST_WALK = 8;
  private static final Pattern WALK = Pattern.compile("(?m)^- \\*\\*(.+?):\\*\\* (.+)$");
  private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w+)`");

  private static final Map<String, JavaClass> CLASSES = new HashMap<>();

  @BeforeAll
  static void read() {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.entrepot");
    all.stream()
        .filter(JavaClass::isTopLevelClass)
        .forEach(type -> CLASSES.put(type.getSimpleName(), type));
  }

  @Test
  void eachWalkIsShortAndEachOfItsFilesIsUsedByOneBeforeIt() throws IOException {
    var walks = WALK.matcher(Files.readString(Path.of("ARCHITECTURE.md"))).results().toList();
    assertThat(walks).hasSize(6);
    for (var walk : walks) {
      List<String> names =
          CLASS.matcher(walk.group(2)).results().map(name -> name.group(1)).toList();
      assertThat(names).as(walk.group(1)).hasSizeBetween(3, LONGEST_WALK);
      List<JavaClass> before = new ArrayList<>();
      for (String name : names) {
        assertThat(CLASSES).as(walk.group(1)).containsKey(name);
        JavaClass next = CLASSES.get(name);
        if (!before.isEmpty()) {
          assertThat(before)
              .as(walk.group(1) + ": somebody uses " + name)
              .anyMatch(user -> uses(user, next) || uses(next, user));
        }
        before.add(next);
      }
    }
  }

  /** Whether a file names a class, or an interface that the class implements. */
  private static boolean uses(JavaClass user, JavaClass used) {
    return CLASSES.values().stream()
        .filter(type -> type.equals(user))
        .flatMap(type -> Stream.concat(Stream.of(type), nested(type)))
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .map(Dependency::getTargetClass)
        .anyMatch(target -> used.isAssignableTo(target.getName()) && isOurs(target));
  }

  private static Stream<JavaClass> nested(JavaClass type) {
    return type.getPackage().getClasses().stream()
        .filter(other -> other.getName().startsWith(type.getName() + "$"));
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith("io.entrepot");
  }

  @Test
  void eachFileThatARecipeNamesExists() throws IOException {
    List<String> names =
        CLASS
            .matcher(Files.readString(Path.of("CONTRIBUTING.md")))
            .results()
            .map(name -> name.group(1))
            .filter(name -> !name.matches("[A-Z]\\d+"))
            .distinct()
            .toList();
    assertThat(names).hasSizeGreaterThan(20);
    for (String name : names) {
      assertThat(exists(name) || name.equals("Clock")).as(name).isTrue();
    }
  }

  private static boolean exists(String name) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      return files.anyMatch(file -> file.endsWith(name + ".java"));
    }
  }
}
