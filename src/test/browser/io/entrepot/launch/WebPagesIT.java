package io.entrepot.launch;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The web pages in a real Chromium, sent by the packaged WAR. */
@Timeout(120)
class WebPagesIT extends BrowserFixture {
  private static final int BLOB = 3_000_000;
  private static final List<String> PAGES =
      List.of("overview", "repositories", "explain", "missing", "prefetch", "clients", "activity");

  private static final String CLUSTER =
      """
      {"node": "a", "nodes": [
        {"name": "a", "address": "http://a:5001", "version": "1", "since": "2026-11-30T20:00:00Z",
         "lastSeen": "2026-11-30T21:00:00Z", "up": true, "self": true, "claims": 7},
        {"name": "b", "address": "http://b:5001", "version": "1", "since": "2026-11-30T20:00:00Z",
         "lastSeen": "2026-11-30T20:30:00Z", "up": false, "self": false, "claims": 0}],
       "tables": [{"component": "catalog", "version": 9, "oldest": 9}],
       "changesLagMillis": 120, "receivedBytes": 734003200,
       "bucket": {"name": "goods", "waiting": 3, "waitingHere": 1, "waitingBytes": 900,
                  "oldestSeconds": 60, "trouble": "it is away", "lastError": "it is away"},
       "unread": []}
      """;

  @TempDir static Path folder;
  private static PagesCache cache;
  private static FakeRegistry upstream;
  private static Digest large;
  private static String base;

  /** The requests of the browser to other hosts. */
  private final List<String> elsewhere = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    cache = PagesCache.start(folder);
    upstream = cache.upstream();
    large = upstream.putBlob("team/app", new byte[BLOB]);
    base = cache.base();
  }

  @AfterAll
  static void stop() throws Exception {
    cache.close();
    upstream.close();
  }

  @Override
  void open(Browser.NewContextOptions options) {
    super.open(options);
    page.onRequest(
        request -> {
          if (!request.url().startsWith(base + "/")) {
            elsewhere.add(request.url());
          }
        });
  }

  @AfterEach
  void assertNothingElsewhere() {
    assertThat(elsewhere).isEmpty();
  }

  private void show(String address) {
    page.navigate(base + "/ui/#/" + address);
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  @Test
  void rootLeadsToTheOverview() {
    page.navigate(base + "/");
    assertThat(page).hasURL(base + "/ui/");
    assertThat(page).hasTitle("Overview – Entrepot");
    assertThat(page.locator(".cards").first()).containsText("Served from here");
    assertThat(page.locator(".card h3")).hasText("hub");
    assertThat(page.locator(".uplot")).isVisible();
  }

  /** This server is alone, so the answer is one that a node of a cluster gives. */
  @Test
  void clusterIsShown() {
    page.route(
        "**/api/cluster",
        route ->
            route.fulfill(
                new Route.FulfillOptions().setContentType("application/json").setBody(CLUSTER)));
    show("overview");
    Locator nodes =
        page.locator("table").filter(new Locator.FilterOptions().setHasText("http://b:5001"));
    assertThat(nodes.locator("tbody tr")).hasCount(2);
    assertThat(nodes.locator("tbody tr").first()).containsText("a (this one)");
    assertThat(nodes.locator(".error")).hasText("not seen");
    Locator cards = page.locator(".card");
    assertThat(cards.filter(new Locator.FilterOptions().setHasText("Received from other nodes")))
        .containsText("version 9; nodes need 9");
    assertThat(cards.filter(new Locator.FilterOptions().setHasText("Waits to be put")))
        .containsText("3 blobs, 1 of them here");
  }

  @Test
  void fillUnderWayMoves() throws Exception {
    Gate gate = upstream.hold(large, BLOB / 2);
    try (InputStream body = cache.get("/v2/team/app/blobs/" + large).body()) {
      gate.awaitReached();
      show("overview");
      Locator row =
          page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText("team/app"));
      assertThat(row.locator("progress")).hasAttribute("max", Integer.toString(BLOB));
      assertThat(row).containsText("1.4 MiB / 2.9 MiB");
      gate.release();
      assertThat(body.readAllBytes()).hasSize(BLOB);
      assertThat(page.getByText("Nothing is being fetched.")).isVisible();
    }
  }

  @Test
  void repositoryIsFoundAndShown() {
    show("repositories");
    page.getByLabel("A part of the name").fill("am/ap");
    page.keyboard().press("Enter");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("team/app")).click();
    assertThat(page.locator("caption")).hasText("Tags");
    assertThat(page.locator("tbody tr").first()).containsText(SampleImage.TAG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "size", "used"})
  void repositoryIsFoundAmongAHundredThousand(String order) {
    show("repositories?sort=" + order);
    assertThat(page.locator("tbody tr")).hasCount(100);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("More")).click();
    assertThat(page).hasURL(Pattern.compile("last="));
    assertThat(page.locator("tbody tr")).hasCount(100);

    page.getByLabel("A part of the name").fill("it-077777/");
    long begun = System.nanoTime();
    page.keyboard().press("Enter");
    assertThat(page.locator("tbody tr")).hasCount(1);
    System.out.printf("Found by %s after %d ms%n", order, (System.nanoTime() - begun) / 1_000_000);
    assertThat(page.locator("tbody tr")).containsText("unit-077777/app");
  }

  @Test
  void pullIsExplained() {
    show("explain");
    page.getByLabel("Image, as Docker writes it").fill("team/app:" + SampleImage.TAG);
    button("Explain").click();
    assertThat(page.locator(".answer")).containsText("team/app:" + SampleImage.TAG);
    assertThat(page.locator("dl")).containsText("hub, because it is the default");
  }

  @Test
  void purgeSaysWhatWouldGoBeforeAnythingGoes() throws Exception {
    SampleImage other = SampleImage.in(upstream, "team/other");
    cache.get("/v2/team/other/manifests/" + SampleImage.TAG);
    for (Digest manifest : other.manifests().keySet()) {
      cache.get("/v2/team/other/manifests/" + manifest);
    }
    show("repository?name=team/other");
    Locator purge = button("Purge: team/other:" + SampleImage.TAG);
    purge.click();
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("digests leave it");
    button("Cancel").click();
    assertThat(purge).isVisible();

    purge.click();
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Purge"))
        .click();
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("is purged");
    assertThat(page.locator("h1")).hasText("Repositories");
    assertThat(page.locator("main")).not().containsText("team/other");
  }

  @Test
  void imageIsFetchedBeforeAClientAsks() {
    SampleImage.in(upstream, "team/early");
    show("prefetch");
    page.getByLabel("Image").fill("team/early:" + SampleImage.TAG);
    page.getByLabel("Platforms (empty: all)").fill("linux/amd64");
    button("Fetch").click();
    Locator job =
        page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText("team/early"));
    assertThat(job.locator("progress")).isVisible();
    assertThat(job).containsText("done");
  }

  @Test
  void upstreamIsTakenOutAndBackIn() {
    show("overview");
    button("Stop asking hub").click();
    button("Yes").click();
    button("Ask hub again").click();
    assertThat(button("Stop asking hub")).isVisible();
  }

  @Test
  void tagIsPinned() {
    show("repository?name=team/app");
    button("Pin: team/app:" + SampleImage.TAG).click();
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("never expires now");
    show("activity");
    assertThat(page.locator("main")).containsText("pin");
  }

  @Test
  void hostileTextIsOnlyShown() {
    String hostile = "<img src=x onerror=alert(1)>";
    page.onDialog(dialog -> complaints.add("a script ran: " + dialog.message()));
    show(
        "repositories?q="
            + URI.create("x:" + hostile.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20"))
                .getRawSchemeSpecificPart());
    assertThat(page.getByLabel("A part of the name")).hasValue(hostile);
    assertThat(page.locator("img")).hasCount(0);
    assertThat(page.locator("main")).containsText("No repository is stored");
  }

  @Test
  void clientSetupNamesThisHostAndIsTested() {
    show("clients");
    assertThat(page.locator("pre").first()).containsText(base);
    button("Test it from this browser").click();
    assertThat(page.getByText("answers as a registry.")).isVisible();
  }

  @Test
  void pagesWorkByTheKeyboardAlone() {
    page.navigate(base + "/ui/");
    assertThat(page.locator("h1")).hasText("Overview");
    page.locator("body").focus();
    for (String name : List.of("Skip to the content", "Overview", "Repositories", "Explain")) {
      page.keyboard().press("Tab");
      assertThat(page.locator(":focus")).hasText(name);
    }
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).hasText("Explain");
    assertThat(page.getByLabel("Image, as Docker writes it")).isFocused();
  }

  @Test
  void languageOfTheBrowserIsUsedAndMayBeChanged() {
    context.close();
    open(new Browser.NewContextOptions().setLocale("de-DE"));
    show("explain");
    assertThat(page.locator("h1")).hasText("Erklären");
    page.locator("#language").selectOption("en");
    assertThat(page.locator("h1")).hasText("Explain");
  }

  @ParameterizedTest
  @CsvSource({"360, LIGHT", "360, DARK", "1440, LIGHT", "1440, DARK"})
  void pagesFitTheScreen(int width, ColorScheme scheme) {
    context.close();
    open(
        new Browser.NewContextOptions()
            .setLocale("en-GB")
            .setViewportSize(width, 900)
            .setColorScheme(scheme));
    for (String name : PAGES) {
      show(name);
      assertThat(page.locator("nav a[aria-current]")).hasAttribute("href", "#/" + name);
      assertThat(page.locator("main")).not().containsText("undefined");
      page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(SCREENSHOTS.resolve(name + "-" + width + "-" + scheme + ".png")));
      Object overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth");
      assertThat(((Number) overflow).intValue()).as(name).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void firstPaintIsSoon() {
    page.navigate(base + "/ui/");
    page.navigate(base + "/ui/?again");
    page.waitForFunction("performance.getEntriesByName('first-paint').length > 0");
    Number paint =
        (Number)
            page.evaluate(
                "performance.getEntriesByName('first-paint').map((entry) => entry.startTime)[0]");
    System.out.println("First paint after " + paint + " ms");
    assertThat(paint.doubleValue()).isLessThan(2_000);
  }
}
