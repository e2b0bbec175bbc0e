package io.entrepot.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The layers of ARCHITECTURE.md, and which library is seen where. */
@AnalyzeClasses(packages = "io.entrepot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule layers =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("boot")
          .definedBy("io.entrepot.boot..")
          .layer("http")
          .definedBy("io.entrepot.http..")
          .layer("admin")
          .definedBy("io.entrepot.admin..")
          .layer("migration")
          .definedBy("io.entrepot.migration..")
          .layer("cache")
          .definedBy("io.entrepot.cache..")
          .layer("expiry")
          .definedBy("io.entrepot.expiry..")
          .layer("upstream")
          .definedBy("io.entrepot.upstream..")
          .layer("store")
          .definedBy("io.entrepot.store..")
          .layer("catalog")
          .definedBy("io.entrepot.catalog..")
          .layer("config")
          .definedBy("io.entrepot.config..")
          .layer("launch")
          .definedBy("io.entrepot.launch..")
          .layer("oci")
          .definedBy("io.entrepot.oci..")
          .whereLayer("boot")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("launch")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("boot")
          .whereLayer("admin")
          .mayOnlyBeAccessedByLayers("boot")
          .whereLayer("migration")
          .mayOnlyBeAccessedByLayers("boot")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("boot")
          .whereLayer("cache")
          .mayOnlyBeAccessedByLayers("boot", "http", "admin", "migration")
          .whereLayer("expiry")
          .mayOnlyBeAccessedByLayers("boot", "admin", "cache", "migration")
          .whereLayer("upstream")
          .mayOnlyBeAccessedByLayers("boot", "cache")
          .whereLayer("store")
          .mayOnlyBeAccessedByLayers("boot", "http", "cache", "expiry", "migration")
          .whereLayer("catalog")
          .mayOnlyBeAccessedByLayers("boot", "admin", "cache", "expiry", "migration");

  @ArchTest
  static final ArchRule noCycles = slices().matching("io.entrepot.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule servletsInHttpAdminAndBoot =
      onlyIn(
          "jakarta.servlet..",
          "io.entrepot.http..",
          "io.entrepot.admin..",
          "io.entrepot.boot..",
          "io.entrepot.launch..");

  @ArchTest static final ArchRule restInAdmin = onlyIn("jakarta.ws.rs..", "io.entrepot.admin..");

  @ArchTest
  static final ArchRule httpClientInUpstream = onlyIn("org.apache.hc..", "io.entrepot.upstream..");

  @ArchTest static final ArchRule quartzInExpiry = onlyIn("org.quartz..", "io.entrepot.expiry..");

  @ArchTest
  static final ArchRule databaseInCatalogExpiryAndBoot =
      onlyIn("java.sql..", "io.entrepot.catalog..", "io.entrepot.expiry..", "io.entrepot.boot..");

  @ArchTest
  static final ArchRule dataSourcesInCatalogExpiryAndBoot =
      onlyIn("javax.sql..", "io.entrepot.catalog..", "io.entrepot.expiry..", "io.entrepot.boot..");

  @ArchTest
  static final ArchRule jndiInConfigAndBoot =
      onlyIn("javax.naming..", "io.entrepot.config..", "io.entrepot.boot..");

  @ArchTest
  static final ArchRule channelsInStore =
      onlyIn("java.nio.channels..", "io.entrepot.store..", "io.entrepot.launch..");

  @ArchTest
  static final ArchRule tomcatInTheLauncher =
      onlyIn("org.apache.catalina..", "io.entrepot.launch..");

  /** It stands at the root of the WAR, where no library is. */
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
              "com.sun.management", // of the JDK: tells of file descriptors
              "org.apache.catalina..",
              "org.apache.coyote..",
              "org.apache.tomcat..",
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
