package io.entrepot.launch;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import io.entrepot.fixture.FakeRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The login form of the web pages in a real Chromium, sent by the packaged WAR. */
@Timeout(120)
class LoginPageIT extends BrowserFixture {
  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static LaunchedProcess process;
  private static String base;

  @BeforeAll
  static void start() throws Exception {
    upstream = FakeRegistry.start();
    String hash = BCrypt.withDefaults().hashToString(4, "Grüße".toCharArray());
    Path users = Files.writeString(folder.resolve("users"), "ann:" + hash + "\n");
    process =
        LaunchedProcess.jar(
            Path.of(System.getProperty("it.war")),
            folder,
            "--addr",
            "127.0.0.1:0",
            "--data",
            folder.resolve("data").toString(),
            "--set",
            "proxy.remoteurl=" + upstream.uri(),
            "--set",
            "storage.reserve=0",
            "--set",
            "auth.htpasswd.path=" + users,
            "--set",
            "access=user:ann pull,view,manage **");
    base = "http://127.0.0.1:" + process.port();
  }

  @AfterAll
  static void stop() throws Exception {
    process.close();
    upstream.close();
  }

  /** The answers 401 lead to the form. */
  @Override
  boolean isExpected(String error) {
    return error.contains("status of 401");
  }

  private void type(String name, String password) {
    assertThat(page.getByLabel("User name")).isFocused();
    page.keyboard().type(name);
    page.keyboard().press("Tab");
    page.keyboard().type(password);
    page.keyboard().press("Enter");
  }

  @Test
  void personLogsInAndOutByTheKeyboardAlone() {
    page.navigate(base + "/ui/#/repositories");
    assertThat(page.locator("h1")).hasText("Log in");
    type("ann", "wrong");
    assertThat(page.getByRole(AriaRole.ALERT)).hasText("The user name or the password is wrong.");
    assertThat(page.getByLabel("Password")).isFocused();
    page.keyboard().type("Grüße");
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).hasText("Repositories");
    assertThat(page.locator("#account")).containsText("htpasswd:ann");
    assertThat(page.locator("main")).containsText("No repository is stored");

    page.locator("#account button").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).hasText("Log in");
    assertThat(page.getByRole(AriaRole.STATUS)).hasText("Logged out.");
    assertThat(context.cookies()).isEmpty();
  }

  @Test
  void sessionIsACookieThatNoScriptReads() {
    page.navigate(base + "/ui/");
    type("ann", "Grüße");
    assertThat(page.locator("h1")).hasText("Overview");
    List<Cookie> cookies = context.cookies();
    assertThat(cookies).hasSize(1);
    assertThat(cookies.get(0).path).isEqualTo("/api");
    assertThat(cookies.get(0).httpOnly).isTrue();
    assertThat(cookies.get(0).sameSite).isEqualTo(SameSiteAttribute.STRICT);
    assertThat(page.evaluate("document.cookie")).isEqualTo("");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Stop asking")).click();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Yes")).click();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Ask 127.0.0.1 again"))
        .click();
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("is asked again");
  }

  @Test
  void sessionThatIsGoneLeadsToTheFormAndBack() {
    page.navigate(base + "/ui/#/prefetch");
    type("ann", "Grüße");
    assertThat(page.locator("h1")).hasText("Prefetch");
    context.clearCookies();
    assertThat(page.locator("h1")).hasText("Log in");
    type("ann", "Grüße");
    assertThat(page.locator("h1")).hasText("Prefetch");
  }

  @ParameterizedTest
  @CsvSource({"360, LIGHT, de-DE", "360, DARK, en-GB", "1440, LIGHT, en-GB", "1440, DARK, de-DE"})
  void formFitsTheScreen(int width, ColorScheme scheme, String locale) {
    context.close();
    open(
        new Browser.NewContextOptions()
            .setLocale(locale)
            .setViewportSize(width, 900)
            .setColorScheme(scheme));
    page.navigate(base + "/ui/");
    assertThat(page.locator("h1")).hasText(locale.equals("de-DE") ? "Anmelden" : "Log in");
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(SCREENSHOTS.resolve("login-" + width + "-" + scheme + ".png")));
    Object overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assertThat(((Number) overflow).intValue()).isLessThanOrEqualTo(0);
  }
}
