package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.entrepot.fixture.FakeHelper;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.credentials.DockerCredentials;
import io.entrepot.upstream.credentials.Helpers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Canaries that must not sing, however loud the log is (S16). */
@Timeout(60)
class SecretsTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final String PASSWORD = "canary-password";

  private final Bench bench = new Bench();
  private final Logger root = Logger.getLogger("");
  private final Level before = root.getLevel();
  private final Listener log = new Listener();

  private static final class Listener extends Handler {
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord line) {
      lines.add(formatter.format(line));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  SecretsTest() {
    root.setLevel(Level.ALL);
    root.addHandler(log);
  }

  @AfterEach
  void close() {
    root.removeHandler(log);
    root.setLevel(before);
    bench.close();
  }

  @Test
  void nothingSecretIsLoggedAtAnyLevel() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", PASSWORD);
    bench.registry.redirectBlobs();
    Digest digest = bench.registry.putBlob(BYTES);
    HttpRegistry upstream = bench.upstream(new Credentials.Password("ann", PASSWORD));

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    bench.registry.inject(
        Recorded.blob(digest).and(r -> r.path().startsWith("/cdn/")), Fault.status(500), 1);
    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    bench.registry.inject(Recorded.blob(digest), Fault.preamble("x\r\n"), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(upstream, digest));
    upstream.headBlob(REPOSITORY, digest, bench.cost);

    assertThat(log.lines).as("the log is on").anyMatch(line -> line.contains("org.apache.hc"));
    assertQuiet(PASSWORD, "YW5uOmNhbmFyeS1wYXNzd29yZA", "fake-token-", "presigned-secret");
  }

  /** An upstream that sends back all that it gets, in every place and form (S36). */
  @ParameterizedTest
  @ValueSource(ints = {200, 307, 400, 401, 403, 404, 416, 429, 500})
  void nothingThatAnUpstreamSendsBackIsLoggedOrTold(int status) throws Exception {
    String token = "fake-Token_0123456789abcdefghijklmnopqrstuvwxyz.AB";
    Function<Recorded, Reply> echo = request -> echo(request, status, token);
    try (ScriptedServer server = ScriptedServer.start(echo)) {
      HttpRegistry upstream =
          bench.upstream(
              o ->
                  o.wire(w -> w.at(server.uri()))
                      .auth(
                          a ->
                              a.withCredentials(
                                  CredentialSource.of(new Credentials.Password("ann", PASSWORD)))));
      Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, BYTES);
      List<ThrowingCallable> calls =
          List.of(
              () -> bench.fetch(upstream, digest),
              () -> upstream.headBlob(REPOSITORY, digest, bench.cost),
              () -> upstream.resolve(REPOSITORY, new Tag("v1"), bench.cost),
              () -> upstream.fetchManifest(REPOSITORY, digest, bench.cost));
      for (ThrowingCallable call : calls) {
        Throwable told = catchThrowable(call);
        for (Throwable e = told; e != null; e = e.getCause()) {
          assertThat(e.toString()).doesNotContainIgnoringCase(PASSWORD, token, base64(PASSWORD));
          if (e instanceof UpstreamException failure) {
            assertThat(failure.words())
                .doesNotContainIgnoringCase(PASSWORD, token, base64(PASSWORD));
          }
        }
      }
      assertThat(server.requests()).extracting(r -> r.header("Authorization")).isNotEmpty();
    }
    assertQuiet(PASSWORD, "YW5uOmNhbmFyeS1wYXNzd29yZA", base64(PASSWORD), token, base64(token));
    assertQuiet(PASSWORD.toUpperCase(Locale.ROOT), token.substring(10, 40));
  }

  private static Reply echo(Recorded request, int status, String token) {
    if (request.path().equals("/token")) {
      return Reply.json(200, "{\"token\":\"" + token + "\"}");
    }
    String proof = request.header("Authorization");
    if (proof == null) {
      return Reply.error(401, "UNAUTHORIZED", "first")
          .header("WWW-Authenticate", "Bearer realm=\"" + realm(request) + "\",service=\"s\"");
    }
    String all =
        proof + " " + base64(proof) + " " + PASSWORD + " " + base64(PASSWORD) + " " + token;
    return Reply.error(status, "ECHO_" + PASSWORD, all)
        .header("Location", "http://127.0.0.1:1/" + PASSWORD + "/" + token + "/" + base64(PASSWORD))
        .header("Content-Type", "application/" + PASSWORD)
        .header("Docker-Content-Digest", PASSWORD)
        .header("Content-Range", token)
        .header("Content-Encoding", PASSWORD)
        .header("Retry-After", token)
        .header("Link", "</v2/x?last=" + token + ">; rel=\"next\"");
  }

  private static String realm(Recorded request) {
    return "http://" + request.header("Host") + "/token";
  }

  private static String base64(String text) {
    return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  /** A helper whose every answer, and whose error stream, is a secret; one that fails too. */
  @Test
  void nothingOfFilesAndHelpersIsLoggedAtAnyLevel(@TempDir Path folder) throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "another");
    Digest digest = bench.registry.putBlob(BYTES);
    Helpers helpers =
        new Helpers(List.of(folder), Duration.ofSeconds(20), Duration.ofHours(1), bench.clock);
    FakeHelper fake = new FakeHelper(folder, "fake").answers("ann", PASSWORD);
    Path config = Files.writeString(folder.resolve("config.json"), "{\"credsStore\":\"fake\"}");
    HttpRegistry upstream =
        bench.upstream(
            o ->
                o.auth(
                    a -> a.withCredentials(openUnchecked(config, bench.registry.uri(), helpers))));

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));
    fake.runs("echo " + PASSWORD + "; exit 1");
    bench.clock.advance(Duration.ofHours(2));
    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));
    Files.writeString(config, "{\"auths\":{\"x\":{\"auth\":\"" + PASSWORD + "\"}}");
    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));

    assertThat(fake.asked()).hasSizeGreaterThan(1);
    assertThat(log.lines).anyMatch(line -> line.contains("cannot be read: it is no JSON object"));
    assertQuiet(PASSWORD, "canary-on-stderr", "YW5uOmNhbmFyeS1wYXNzd29yZA");
  }

  private static DockerCredentials openUnchecked(Path config, URI upstream, Helpers helpers) {
    try {
      return DockerCredentials.open(config, upstream, helpers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void wrongCredentialsAreOneLineHoweverOftenTheyAreRefused() {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "another");
    HttpRegistry upstream = bench.upstream(new Credentials.Password("ann", PASSWORD));
    Digest digest = bench.registry.putBlob(BYTES);

    for (int i = 0; i < 5; i++) {
      assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));
    }

    assertThat(log.lines.stream().filter(line -> line.contains("io.entrepot.upstream")))
        .singleElement()
        .asString()
        .contains("The credentials were refused", "/token gave no token: 401", "user \"ann\"");
    assertThat(bench.meters.get("entrepot.upstream.credentials.refused").counter().count())
        .isEqualTo(5);
    assertQuiet(PASSWORD, "YW5uOmNhbmFyeS1wYXNzd29yZA");
  }

  private void assertQuiet(String... secrets) {
    for (String secret : secrets) {
      assertThat(log.lines.stream().filter(line -> line.contains(secret)).limit(3)).isEmpty();
    }
  }
}
