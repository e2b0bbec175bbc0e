package io.entrepot.boot;

import io.entrepot.access.KeySource;
import io.entrepot.access.TokenEndpoint;
import io.entrepot.memory.Allowance;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Via;
import io.entrepot.upstream.Origin;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.CallDeadline;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.UpstreamRequest;
import io.entrepot.upstream.wire.WireOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an OpenID Connect provider publishes, and asks it for tokens, over HTTP. It follows no
 * redirect: whoever can change where the keys are can log in as anybody.
 */
final class ProviderDocuments implements KeySource, TokenEndpoint {
  /** A client that waits for a key gets its 503 after this time. */
  private static final Duration DEADLINE = Duration.ofSeconds(8);

  private final HttpTransport transport;

  /**
   * Makes a reader.
   *
   * @param bodies for documents of more than 64 KiB
   */
  ProviderDocuments(WireOptions wire, ScheduledExecutorService timer, Allowance bodies) {
    this.transport = new HttpTransport(wire, Set.of(), timer, answer -> {}, bodies);
  }

  @Override
  public byte[] read(URI url, int max) throws IOException {
    UpstreamRequest request = UpstreamRequest.get(url);
    try (Answer answer = send(request, null)) {
      if (answer.status() != 200) {
        throw new IOException(request + " was answered with " + answer.status());
      }
      return answer.readAll(max);
    } catch (UpstreamException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Optional<byte[]> ask(URI url, String form, Optional<String> authorization, int max)
      throws IOException {
    UpstreamRequest request = UpstreamRequest.post(url, form).with("Accept", "application/json");
    try (Answer answer = send(request, authorization.orElse(null))) {
      if (answer.status() == 400 || answer.status() == 401) {
        return Optional.empty();
      }
      if (answer.status() != 200) {
        throw new IOException(request + " was answered with " + answer.status());
      }
      return Optional.of(answer.readAll(max));
    } catch (UpstreamException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private Answer send(UpstreamRequest request, @Nullable String authorization)
      throws IOException, UpstreamException {
    if (Origin.of(request.uri()).filter(Origin::isConfidential).isEmpty()) {
      throw new IOException(request + " is not sent: providers are asked by https only");
    }
    Call call = new Call(Scope.NONE, false, new Cost(Via.NONE), CallDeadline.in(DEADLINE));
    return transport.send(request, authorization, call);
  }

  @Override
  public void close() {
    transport.close();
  }
}
