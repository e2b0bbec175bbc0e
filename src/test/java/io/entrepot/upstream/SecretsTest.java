package io.entrepot.upstream;

import static io.entrepot.upstream.Bench.REPOSITORY;
import static io.entrepot.upstream.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Canaries that must not sing, however loud the log is (S16). */
@Timeout(30)
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
    HttpUpstream upstream = bench.upstream(new Credentials.Password("ann", PASSWORD));

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    bench.registry.inject(
        Recorded.blob(digest).and(r -> r.path().startsWith("/cdn/")), Fault.status(500), 1);
    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    bench.registry.inject(Recorded.blob(digest), Fault.preamble("x\r\n"), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(upstream, digest));
    upstream.headBlob(REPOSITORY, digest, bench.cost);

    String all = String.join("\n", log.lines);
    assertThat(all).as("the log is on").contains("org.apache.hc");
    for (String secret :
        List.of(PASSWORD, "YW5uOmNhbmFyeS1wYXNzd29yZA", "fake-token-", "presigned-secret")) {
      assertThat(all.lines().filter(line -> line.contains(secret)).limit(3).toList()).isEmpty();
    }
  }
}
