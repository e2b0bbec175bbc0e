package io.entrepot.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks which packages may import which, and which libraries each package may use, as in
 * ARCHITECTURE.md.
 */
@AnalyzeClasses(packages = "io.entrepot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /**
   * Which packages each package may import. It may also import itself. {@code boot} may import all.
   */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          may("memory"),
          may("oci", "memory"),
          may("threads"),
          may("database", "threads"),
          may("catalog", "memory", "database", "oci"),
          may("spool", "threads", "oci"),
          may("store", "spool", "oci"),
          may("store.file", "memory", "store", "spool", "threads", "oci"),
          may("store.s3", "catalog", "database", "store", "spool", "oci"),
          may("upstream", "oci"),
          may("upstream.wire", "memory", "upstream", "oci"),
          may("upstream.credentials", "files", "upstream", "oci"),
          may(
              "upstream.auth",
              "memory",
              "upstream",
              "upstream.wire",
              "upstream.credentials",
              "oci"),
          may("upstream.pace", "memory", "upstream", "threads", "oci"),
          may(
              "upstream.registry",
              "memory",
              "upstream",
              "upstream.wire",
              "upstream.credentials",
              "upstream.auth",
              "upstream.pace",
              "oci"),
          may("files"),
          may("access", "files", "memory", "oci"),
          may("routing", "access", "upstream", "oci"),
          may("expiry", "catalog", "database", "spool", "store", "routing", "oci"),
          may("expiry.quartz", "expiry", "database", "threads", "oci"),
          may(
              "cache",
              "memory",
              "routing",
              "access",
              "upstream",
              "store",
              "spool",
              "catalog",
              "database",
              "expiry",
              "threads",
              "oci"),
          may(
              "cache.blobs",
              "memory",
              "cache",
              "routing",
              "upstream",
              "store",
              "spool",
              "catalog",
              "oci"),
          may("cache.tags", "memory", "cache", "routing", "upstream", "store", "catalog", "oci"),
          may(
              "cache.explain",
              "cache",
              "cache.tags",
              "routing",
              "upstream",
              "catalog",
              "expiry",
              "oci"),
          may(
              "cache.prefetch",
              "cache",
              "cache.blobs",
              "cache.tags",
              "catalog",
              "database",
              "spool",
              "routing",
              "access",
              "oci"),
          may(
              "http",
              "cache",
              "cache.blobs",
              "cache.tags",
              "routing",
              "access",
              "store",
              "threads",
              "oci"),
          may(
              "admin",
              "memory",
              "cache",
              "cache.blobs",
              "cache.tags",
              "cache.explain",
              "cache.prefetch",
              "cluster",
              "routing",
              "catalog",
              "database",
              "expiry",
              "access",
              "oci"),
          may(
              "cluster",
              "memory",
              "cache",
              "cache.blobs",
              "catalog",
              "spool",
              "store",
              "database",
              "upstream",
              "upstream.wire",
              "threads",
              "oci"),
          may("migration", "cache", "store", "spool", "catalog", "oci"),
          may(
              "config",
              "upstream",
              "upstream.wire",
              "upstream.auth",
              "upstream.pace",
              "routing",
              "access",
              "cache.prefetch",
              "catalog",
              "expiry.quartz",
              "spool",
              "store.s3",
              "oci"),
          may("launch", "launch.errors", "launch.limits"),
          may("launch.errors"),
          may("launch.limits"));

  private static Map.Entry<String, Set<String>> may(String room, String... others) {
    return Map.entry(room, Set.of(others));
  }

  @ArchTest
  static final ArchRule eachPackageImportsOnlyWhatItMay =
      classes()
          .that()
          .resideOutsideOfPackages("io.entrepot.boot..")
          .should(
              new ArchCondition<JavaClass>("import only what their package may") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                  String from = room(item);
                  for (Dependency use : item.getDirectDependenciesFromSelf()) {
                    String to = room(use.getTargetClass());
                    Set<String> allowed = MAY_IMPORT.getOrDefault(from, Set.of());
                    if (!to.isEmpty() && !to.equals(from) && !allowed.contains(to)) {
                      events.add(SimpleConditionEvent.violated(item, use.getDescription()));
                    }
                  }
                }
              });

  private static String room(JavaClass type) {
    String base = "io.entrepot.";
    String name = type.getBaseComponentType().getPackageName();
    return name.startsWith(base) ? name.substring(base.length()) : "";
  }

  @ArchTest
  static final ArchRule noCycles = slices().matching("io.entrepot.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule servletsInHttpAdminAndBoot =
      onlyIn(
          "jakarta.servlet..",
          "io.entrepot.http..",
          "io.entrepot.admin..",
          "io.entrepot.boot..",
          "io.entrepot.launch..");

  @ArchTest static final ArchRule restInAdmin = onlyIn("jakarta.ws.rs..", "io.entrepot.admin..");

  /** What others have made is read by {@code ForeignJson}, and never into a tree (S24). */
  @ArchTest
  static final ArchRule treesOfJsonOnlyOfOurOwn =
      onlyIn(
          "com.fasterxml.jackson.databind..",
          "io.entrepot.http..",
          "io.entrepot.admin..",
          "io.entrepot.oci..");

  @ArchTest
  static final ArchRule httpClientInWire = onlyIn("org.apache.hc..", "io.entrepot.upstream.wire..");

  @ArchTest
  static final ArchRule bucketsInStoreS3 =
      onlyIn("software.amazon.awssdk..", "io.entrepot.store.s3..");

  @ArchTest
  static final ArchRule quartzInExpiryQuartz =
      onlyIn("org.quartz..", "io.entrepot.expiry.quartz..");

  @ArchTest
  static final ArchRule databaseInCatalogExpiryAndBoot =
      onlyIn(
          "java.sql..",
          "io.entrepot.database..",
          "io.entrepot.catalog..",
          "io.entrepot.cluster..",
          "io.entrepot.expiry.quartz..",
          "io.entrepot.boot..");

  @ArchTest
  static final ArchRule dataSourcesInCatalogExpiryAndBoot =
      onlyIn(
          "javax.sql..",
          "io.entrepot.database..",
          "io.entrepot.catalog..",
          "io.entrepot.expiry.quartz..",
          "io.entrepot.boot..");

  @ArchTest
  static final ArchRule jndiInConfigAndBoot =
      onlyIn("javax.naming..", "io.entrepot.config..", "io.entrepot.boot..");

  @ArchTest
  static final ArchRule managementInBoot = onlyIn("javax.management..", "io.entrepot.boot..");

  @ArchTest
  static final ArchRule channelsInStore =
      onlyIn(
          "java.nio.channels..",
          "io.entrepot.spool..",
          "io.entrepot.store.file..",
          "io.entrepot.launch..");

  @ArchTest
  static final ArchRule tomcatInTheLauncher =
      onlyIn("org.apache.catalina..", "io.entrepot.launch..");

  /** Only the executable WAR has the driver, and all classes are loaded in every server (F6). */
  @ArchTest
  static final ArchRule driverOfPostgresqlByItsName =
      noClasses().should().dependOnClassesThat().resideInAPackage("org.postgresql..");

  @ArchTest
  static final ArchRule jettyInTheErrorsOfServers =
      onlyIn("org.eclipse.jetty..", "io.entrepot.launch.errors..");

  /** The launcher is at the root of the WAR, where it cannot load libraries. */
  @ArchTest
  static final ArchRule launcherStandsAlone =
      classes()
          .that()
          .resideInAPackage("io.entrepot.launch..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.entrepot.launch..",
              "java..",
              "com.sun.management", // of the JDK: the number of file descriptors
              "org.apache.catalina..",
              "org.apache.coyote..",
              "org.apache.tomcat..",
              "org.eclipse.jetty..",
              "jakarta.servlet..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule ociIsPure =
      classes()
          .that()
          .resideInAPackage("io.entrepot.oci..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.entrepot.oci..",
              "java.lang..",
              "java.io..",
              "java.net..",
              "java.nio",
              "java.nio.charset..",
              "java.security..",
              "java.time..",
              "java.util..",
              "com.fasterxml.jackson..",
              "org.jspecify..");

  /** Eight values in a row are mixed up sooner or later. */
  @ArchTest
  static final ArchRule nothingTakesMoreThanSevenParameters =
      codeUnits()
          .should(
              new ArchCondition<JavaCodeUnit>("take seven parameters at most") {
                @Override
                public void check(JavaCodeUnit item, ConditionEvents events) {
                  boolean written = !item.getModifiers().contains(JavaModifier.SYNTHETIC);
                  if (written && item.getRawParameterTypes().size() > 7) {
                    events.add(SimpleConditionEvent.violated(item, item.getDescription()));
                  }
                }
              });

  /** A name that stands twice is looked up in the wrong file. */
  @ArchTest
  static void eachSimpleNameIsUsedOnce(JavaClasses all) {
    Map<String, List<JavaClass>> byName =
        all.stream()
            .filter(JavaClass::isTopLevelClass)
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(Collectors.groupingBy(JavaClass::getSimpleName));
    assertThat(byName.values()).allMatch(same -> same.size() == 1);
  }

  @ArchTest
  static final ArchRule noDrawers =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..common..", "..impl..", "..model..", "..service..");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .that()
          .areNotAssignableTo(java.util.logging.LogManager.class)
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Handler")
          .orShould()
          .haveSimpleNameEndingWith("Facade")
          .orShould()
          .haveSimpleNameStartingWith("Abstract");

  private static ArchRule onlyIn(String library, String... packages) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true);
  }
}
