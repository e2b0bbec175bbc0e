package io.entrepot.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The WAR, deployed and undeployed twenty times in one running server (F23). */
@Timeout(300)
class RedeploymentIT {
  private static final String WAR = System.getProperty("it.war");
  private static final int TIMES = 20;

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final Digest blob = upstream.putGeneratedBlob(500_000, 1);
  private final Tomcat tomcat = new Tomcat();

  @BeforeEach
  void start() throws Exception {
    System.setProperty("entrepot.proxy.remoteurl", upstream.uri().toString());
    System.setProperty(
        "entrepot.storage.filesystem.rootdirectory", folder.resolve("data").toString());
    System.setProperty("entrepot.storage.reserve", "0");
    System.setProperty("entrepot.http.draintimeout", "0s");
    tomcat.setAddDefaultWebXmlToWebapp(false);
    tomcat.setBaseDir(folder.resolve("tomcat").toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    StandardHost host = (StandardHost) tomcat.getHost();
    host.setAppBase(Files.createDirectories(folder.resolve("apps")).toString());
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
    upstream.close();
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("entrepot."));
  }

  /**
   * One class loader may be held by Java 17 itself: what makes {@code equals} of records keeps the
   * last type it has met ({@code java.lang.runtime.ObjectMethods}).
   */
  @Test
  void nothingOfADeploymentIsLeft() throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < TIMES; i++) {
      loaders.add(deployAndUndeploy());
      assertThat(threads()).isEmpty();
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(loaders).filteredOn(loader -> loader.get() != null).hasSizeLessThan(2);
            });
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  private WeakReference<ClassLoader> deployAndUndeploy() throws Exception {
    Context context = tomcat.addWebapp("", WAR);
    assertThat(context.getState().isAvailable()).isTrue();
    ClassLoader loader = context.getLoader().getClassLoader();
    assertThat(pull()).hasSize(500_000);
    assertThat(threads()).isNotEmpty();
    tomcat.getHost().removeChild(context);
    context.destroy();
    assertThat(DriverManager.drivers().map(driver -> driver.getClass().getClassLoader()))
        .doesNotContain(loader);
    return new WeakReference<>(loader);
  }

  private byte[] pull() throws Exception {
    URI uri =
        URI.create(
            "http://127.0.0.1:"
                + tomcat.getConnector().getLocalPort()
                + "/v2/team/app/blobs/"
                + blob);
    try (InputStream in = uri.toURL().openStream()) {
      return in.readAllBytes();
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(
            name -> name.startsWith("entrepot-") || name.contains("H2") || name.contains("MVStore"))
        .toList();
  }
}
