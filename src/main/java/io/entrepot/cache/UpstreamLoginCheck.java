package io.entrepot.cache;

import io.entrepot.access.Client;
import io.entrepot.access.UpstreamLogin;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** Asks an upstream whether the user name and the password of a client are right there. */
public final class UpstreamLoginCheck {
  private UpstreamLoginCheck() {}

  /**
   * Asks on the threads of the upstream.
   *
   * @return the client; fails with an {@link OciException}, with {@code UNAUTHORIZED} if they are
   *     wrong
   */
  public static CompletableFuture<Client> ask(
      ProxiedUpstream upstream, UpstreamLogin login, Client client) {
    try {
      return CompletableFuture.supplyAsync(
          () -> askNow(upstream, login, client), upstream.questionsOf(client));
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          ClientErrors.unavailable("too many questions wait for the upstream", e));
    }
  }

  private static Client askNow(ProxiedUpstream upstream, UpstreamLogin login, Client client) {
    try {
      upstream.checkLogin(login, new Cost());
      return client;
    } catch (UpstreamException e) {
      throw e.failure() == Failure.DENIED
          ? ClientErrors.wrongLogin(upstream.name())
          : ClientErrors.of(upstream.name(), e, OciError.UPSTREAM_FAILED);
    }
  }
}
