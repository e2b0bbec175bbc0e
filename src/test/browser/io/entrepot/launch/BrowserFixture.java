package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A real Chromium, with one page for each test. A test fails if the browser complains. */
abstract class BrowserFixture {
  static final Path SCREENSHOTS = Path.of("target", "screenshots");

  static Browser browser;
  private static Playwright playwright;

  BrowserContext context;
  Page page;

  /** What the browser complains about: errors of scripts, and what the policy has refused. */
  final List<String> complaints = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void launch() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(System.getProperty("it.chromium")))
                    .setArgs(List.of("--no-sandbox")));
  }

  @AfterAll
  static void quit() {
    browser.close();
    playwright.close();
  }

  @BeforeEach
  void open() {
    open(new Browser.NewContextOptions().setLocale("en-GB").setViewportSize(1440, 900));
  }

  void open(Browser.NewContextOptions options) {
    context = browser.newContext(options);
    page = context.newPage();
    page.onPageError(complaints::add);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !isExpected(message.text())) {
            complaints.add(message.text());
          }
        });
  }

  /** Whether an error on the console is a part of what is tested. */
  boolean isExpected(String error) {
    return false;
  }

  @AfterEach
  void close() {
    context.close();
    assertThat(complaints).isEmpty();
  }
}
