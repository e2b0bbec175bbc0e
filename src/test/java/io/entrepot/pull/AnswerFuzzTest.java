package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Corpus;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.commons.io.FileUtils;

/**
 * Answers of an upstream that are nearly valid: manifests, challenges, rate limits. A client gets
 * the exact bytes or an error response, never a 500 (S1, S7, S8, S12).
 */
class AnswerFuzzTest {
  private static final Corpus MANIFESTS = Corpus.read("manifests");
  private static final Corpus CHALLENGES = Corpus.read("challenges");
  private static final Corpus QUOTAS = Corpus.read("quotas");
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final int TRIES = 500;

  private static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeContainer
  static void start() throws IOException {
    folder = Files.createTempDirectory("answer-fuzz");
    upstream = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.username", "me")
            .set("proxy.password", "canary-of-fuzz")
            .set("proxy.breaker.failures", "1000")
            .set("proxy.breaker.rest", "100ms")
            .set("proxy.breaker.maxrest", "100ms")
            .set("proxy.negative", "0s")
            .start();
  }

  @AfterContainer
  static void stop() throws IOException {
    server.close();
    upstream.close();
    FileUtils.deleteDirectory(folder.toFile());
  }

  @Example
  void corporaAreReplayed() {
    MANIFESTS.texts().forEach(AnswerFuzzTest::assertManifest);
    CHALLENGES.texts().forEach(AnswerFuzzTest::assertChallenge);
    QUOTAS.texts().forEach(AnswerFuzzTest::assertQuota);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void manifestIsServedToTheByteOrNotAtAll(@ForAll long seed) {
    assertManifest(MANIFESTS.mutant(seed));
  }

  private static void assertManifest(String text) {
    upstream.clearFaults();
    byte[] bytes = text.getBytes(UTF_8);
    // Each answer has its own tag. Otherwise the cache would serve the answer before instead of an
    // error.
    String tag = Digest.ofBytes(Digest.Algorithm.SHA256, bytes).hex();
    Digest digest = upstream.putManifest("team/app", tag, TYPE, bytes);
    HttpResponse<byte[]> response = server.get("/v2/team/app/manifests/" + tag);
    assertThat(response.statusCode()).as(Corpus.escape(text)).isIn(200, 502);
    if (response.statusCode() == 200) {
      assertThat(response.body()).isEqualTo(bytes);
      assertThat(response.headers().firstValue("Docker-Content-Digest"))
          .hasValue(digest.toString());
    }
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void challengeNeverFailsAndNeverElicitsThePassword(@ForAll long seed) {
    assertChallenge(CHALLENGES.mutant(seed));
  }

  private static void assertChallenge(String text) {
    upstream.clearFaults();
    String header = text.replaceAll("[\r\n]", " ");
    Reply refusal =
        Reply.error(401, "UNAUTHORIZED", "who are you").header("WWW-Authenticate", header);
    upstream.inject(Recorded.manifest("asked"), Fault.reply(refusal));
    HttpResponse<byte[]> response = server.get("/v2/team/app/manifests/asked");
    String what = Corpus.escape(text);
    assertThat(response.statusCode()).as(what).isIn(403, 404, 502, 504);
    assertThat(new String(response.body(), UTF_8)).as(what).doesNotContain("canary-of-fuzz");
    assertThat(response.headers().firstValue("WWW-Authenticate")).as(what).isEmpty();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void whatAnUpstreamSaysOfItsLimitsNeverFails(@ForAll long seed) {
    assertQuota(QUOTAS.mutant(seed));
  }

  private static void assertQuota(String text) {
    upstream.clearFaults();
    String value = text.replaceAll("[\r\n]", " ");
    byte[] bytes = ("{\"n\":\"" + value.hashCode() + "\"}").getBytes(UTF_8);
    upstream.putManifest("team/app", "limited", TYPE, bytes);
    for (String name :
        new String[] {
          "RateLimit-Limit",
          "RateLimit-Remaining",
          "Docker-RateLimit-Source",
          "Retry-After",
          "Cache-Control",
          "Link"
        }) {
      upstream.inject(r -> r.path().endsWith("/limited"), Fault.header(name, value));
    }
    HttpResponse<byte[]> response = server.get("/v2/team/app/manifests/limited");
    assertThat(response.statusCode()).as(Corpus.escape(text)).isIn(200, 502);
  }
}
