package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that ask for more large blobs than there are connections for fills (S26). Two fills run
 * at once.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FairFillsTest {
  private static final int SIZE = 4 << 20;
  private static final int FIRST = 1 << 20;

  /** The end of such a blob is too far from its beginning to wait for the fill. */
  private static final int FAR = 16 << 20;

  private static final String ANN = "192.0.2.1";
  private static final String BOB = "192.0.2.2";
  private static final String CAROL = "192.0.2.3";
  private static final Pattern PULLED = Pattern.compile("(?m)^entrepot_pulled\\S*blob\\S* (\\S+)$");

  private final AtomicInteger seeds = new AtomicInteger();
  private final FakeRegistry upstream = FakeRegistry.start();
  private Gate gate = new Gate();
  private Gate second = new Gate();
  private TestServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.maxfills", "2")
            .set("http.draintimeout", "0s")
            .set("http.trustedproxies", "127.0.0.1")
            .start();
    await().until(() -> !upstream.requests().isEmpty());
  }

  @BeforeEach
  void newGates() {
    gate = new Gate();
    second = new Gate();
    upstream.clearRequests();
  }

  @AfterEach
  void awaitIdle() {
    gate.release();
    second.release();
    await().until(() -> inFlight() == 0);
  }

  @AfterAll
  void stop() {
    server.close();
    upstream.close();
  }

  /** A blob of the upstream. */
  private record Blob(Digest digest, int size, int seed) {
    String path() {
      return "/v2/team/app/blobs/" + digest;
    }
  }

  private Blob blob(int size) {
    int seed = seeds.incrementAndGet();
    return new Blob(upstream.putGeneratedBlob(size, seed), size, seed);
  }

  private Blob blob() {
    return blob(SIZE);
  }

  /** A blob whose first response takes four seconds. */
  private Blob slow() {
    return withFault(blob(), Fault.throttle(SIZE / 4));
  }

  /** A blob whose first response stops after the first part. */
  private Blob stuck() {
    return withFault(blob(), Fault.gate(gate, FIRST));
  }

  private Blob withFault(Blob blob, Fault fault) {
    upstream.inject(Recorded.blobGet(blob.digest()).and(get -> range(get).equals("null")), fault);
    return blob;
  }

  private int inFlight() {
    return Integer.parseInt(server.stats().replaceAll("(?s).*\"fillsInFlight\":(\\d+).*", "$1"));
  }

  /** How many bytes of blobs the upstream has sent. */
  private long pulled() {
    String metrics = new String(server.get("/metrics").body(), UTF_8);
    Matcher pulled = PULLED.matcher(metrics);
    return pulled.find() ? (long) Double.parseDouble(pulled.group(1)) : 0;
  }

  /** Begins to read a blob. */
  private InputStream begin(Blob blob, String client) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.uri(blob.path())).header("X-Forwarded-For", client).build();
    HttpResponse<InputStream> response =
        server.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    response.body().readNBytes(FIRST / 2);
    return response.body();
  }

  private CompletableFuture<Void> getsLater(Blob blob, String client) {
    return Background.run(() -> assertGets(blob, client));
  }

  private void assertGets(Blob blob, String client) {
    HttpResponse<byte[]> whole = server.get(blob.path(), "X-Forwarded-For", client);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(Content.generated(blob.size(), blob.seed()).bytes());
  }

  private List<String> ranges(Blob blob) {
    return upstream.blobGets(blob.digest()).stream().map(FairFillsTest::range).toList();
  }

  /** Once the upstream has sent a part, the beginning of every blob is asked for as one. */
  private static String range(Recorded get) {
    String range = String.valueOf(get.header("Range"));
    return range.startsWith("bytes=0-") ? "null" : range;
  }

  @Test
  void fillThatNobodyReadsGivesWayAndGoesOnWhenItIsAskedForAgain() throws Exception {
    long before = pulled();
    CompletableFuture<Void> other = getsLater(stuck(), BOB);
    gate.awaitReached();
    Blob left = slow();
    begin(left, ANN).close();
    Blob wanted = withFault(blob(), Fault.gate(second, FIRST));

    CompletableFuture<Void> waits = getsLater(wanted, ANN);
    second.awaitReached();
    assertThat(ranges(left)).as("it has not gone on yet").containsExactly("null");
    CompletableFuture<Void> returns = getsLater(left, ANN);
    second.release();
    gate.release();
    other.get(60, TimeUnit.SECONDS);
    waits.get(60, TimeUnit.SECONDS);
    returns.get(60, TimeUnit.SECONDS);

    assertThat(ranges(wanted)).containsExactly("null");
    assertThat(ranges(left)).hasSize(2).last().asString().matches("bytes=[1-9]\\d+-");
    await().until(() -> inFlight() == 0);
    assertThat(pulled() - before).as("each byte once").isEqualTo(3L * SIZE);
  }

  @Test
  void fillThatHasGivenWayGoesOnWhenNothingElseWaits() throws Exception {
    long before = pulled();
    CompletableFuture<Void> other = getsLater(stuck(), BOB);
    gate.awaitReached();
    Blob left = slow();
    begin(left, ANN).close();

    assertGets(blob(), ANN);
    assertThat(ranges(left)).as("half of the places are not free").containsExactly("null");
    gate.release();

    other.get(60, TimeUnit.SECONDS);
    await().until(() -> ranges(left).size() == 2);
    await().until(() -> inFlight() == 0);
    assertThat(pulled() - before).as("each byte once").isEqualTo(3L * SIZE);
    upstream.clearRequests();
    assertGets(left, ANN);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void clientsThatReadTakeTurnsWithOthers() throws Exception {
    long before = pulled();
    Blob one = stuck();
    Blob two = stuck();
    List<CompletableFuture<Void>> readers = List.of(getsLater(one, ANN), getsLater(two, BOB));
    await().until(() -> pulled() - before == 2 * FIRST);
    Blob wanted = blob();

    assertGets(wanted, CAROL);

    assertThat(ranges(wanted)).containsExactly("null");
    gate.release();
    for (CompletableFuture<Void> reader : readers) {
      reader.get(60, TimeUnit.SECONDS);
    }
    assertThat(ranges(one)).startsWith("null").isSubsetOf("null", "bytes=" + FIRST + "-");
    assertThat(ranges(two)).startsWith("null").isSubsetOf("null", "bytes=" + FIRST + "-");
    assertThat(pulled() - before).as("each byte once").isEqualTo(3L * SIZE);
  }

  /** The client asks for the end only, so it does not read the fill of the whole blob. */
  @Test
  void rangesFarAheadKeepNoConnections() {
    List<Blob> far =
        List.of(
            withFault(blob(FAR), Fault.gate(gate, FIRST)),
            withFault(blob(FAR), Fault.gate(gate, FIRST)));
    for (Blob blob : far) {
      HttpResponse<byte[]> end =
          server.get(blob.path(), "X-Forwarded-For", ANN, "Range", "bytes=-100");
      assertThat(end.statusCode()).isEqualTo(206);
      assertThat(end.body()).hasSize(100);
    }
    Blob wanted = blob();

    assertGets(wanted, ANN);

    assertThat(ranges(wanted)).containsExactly("null");
    gate.release();
    far.forEach(blob -> assertGets(blob, ANN));
  }

  @Test
  void queueOfOneClientDoesNotDelayAnother() throws Exception {
    int many = 20;
    for (int i = 0; i < many; i++) {
      Blob blob = stuck();
      var unused = Background.run(() -> server.get(blob.path(), "X-Forwarded-For", ANN));
    }
    await().until(() -> inFlight() == many);
    Blob wanted = blob();

    assertGets(wanted, BOB);

    assertThat(ranges(wanted)).containsExactly("null");
    // Only the one that gave way can have gone on to its end.
    assertThat(inFlight()).isGreaterThanOrEqualTo(many - 1);
  }
}
