package io.entrepot.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Checks that neither the product nor a test uses the common pool of the JDK. On a machine with two
 * cores it has one thread, so work that waits for other work there never ends.
 */
@AnalyzeClasses(packages = "io.entrepot")
class CommonPoolTest {
  @ArchTest
  static final ArchRule nothingRunsOnTheCommonPool =
      noClasses()
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "it runs work asynchronously without an executor",
                  CommonPoolTest::hasNoExecutor));

  private static boolean hasNoExecutor(JavaMethodCall call) {
    return call.getTargetOwner().isAssignableTo(CompletionStage.class)
        && call.getName().endsWith("Async")
        && call.getTarget().getRawParameterTypes().stream()
            .noneMatch(type -> type.isAssignableTo(Executor.class));
  }
}
