package io.entrepot.upstream.auth;

import io.entrepot.upstream.ClientCredentials;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Call;
import java.net.URI;

/**
 * Whose credentials a call has: those of the client, where it brought some, or else ours. It
 * remembers which of ours were refused. Thread-safe.
 */
final class CallCredentials {
  private final URI upstream;
  private final CredentialSource source;
  private final boolean anonymousFallback;
  private final RefusedCredentials refusals;

  CallCredentials(URI upstream, AuthOptions options, RefusedCredentials refusals) {
    this.upstream = upstream;
    this.source = options.credentials();
    this.anonymousFallback = options.anonymousFallback();
    this.refusals = refusals;
  }

  TokenKey basicKey(Credentials.Password password, Call call) throws UpstreamException {
    return new TokenKey(
        upstream, "", call.scope(), call.client() == null ? password : current(call));
  }

  /** Whether to go on without credentials, since they were refused for this a short while ago. */
  boolean goesWithout(TokenKey key) {
    return anonymousFallback && refusals.isRecent(key);
  }

  /** Whose proof a call shall have: the client's, or ours. */
  Credentials current(Call call) throws UpstreamException {
    ClientCredentials client = call.client();
    return client == null ? source.current() : new Credentials.OfClient(client.id());
  }

  /** The same, with the password of a client. Not for what is remembered. */
  Credentials password(Call call) throws UpstreamException {
    ClientCredentials client = call.client();
    return client == null
        ? source.current()
        : new Credentials.Password(client.username(), client.password().get());
  }

  /** A client has no other password. */
  Credentials renewed(Credentials refused, Call call) throws UpstreamException {
    return call.client() == null ? source.renew(refused) : refused;
  }

  boolean isAnonymous(Call call) {
    return call.client() == null && source.isAnonymous();
  }

  /** Our own are remembered. A client's wrong password is its own affair. */
  void noteRefusal(TokenKey key, UpstreamException why, Call call) {
    if (call.client() == null) {
      refusals.add(key, String.valueOf(why.getMessage()));
    }
  }

  /** Whether a refused call may go on without credentials. */
  boolean mayGoWithout() {
    return anonymousFallback;
  }

  /** Whether anonymous access is what is left of ours. */
  boolean fellBack() {
    return anonymousFallback && !source.isAnonymous();
  }
}
