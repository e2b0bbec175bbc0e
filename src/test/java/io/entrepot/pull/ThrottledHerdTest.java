package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand clients whose upstream has answered 429 (F12). */
class ThrottledHerdTest {
  private static final int CLIENTS = 1000;

  @TempDir Path folder;

  @Test
  void nobodyIsAskedUntilRetryAfterHasPassed() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start();
        TestServer server =
            new TestServer.Builder(folder, upstream.uri()).set("http.maxperclient", "0").start()) {
      upstream.inject(r -> r.path().contains("/manifests/"), Fault.throttled("60"));
      assertThat(server.get("/v2/team/app/manifests/first").statusCode()).isEqualTo(429);
      upstream.clearRequests();
      List<CompletableFuture<HttpResponse<Void>>> answers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(server.uri("/v2/team/app/manifests/v" + i)).build();
        answers.add(server.client().sendAsync(request, HttpResponse.BodyHandlers.discarding()));
      }
      for (CompletableFuture<HttpResponse<Void>> answer : answers) {
        HttpResponse<Void> response = answer.get(60, TimeUnit.SECONDS);
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValueAsLong("Retry-After").orElseThrow())
            .isBetween(1L, 60L);
      }
      assertThat(upstream.requests(r -> r.path().contains("/manifests/"))).isEmpty();
    }
  }
}
