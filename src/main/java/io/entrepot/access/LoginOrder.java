package io.entrepot.access;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Several ways to log in by a password, which are asked in their order. The next one is asked only
 * if there is no such user. So a wrong password is tried in one way, and a way that does not answer
 * lets nobody in by another one. Thread-safe.
 */
public final class LoginOrder implements Authenticator {
  private final List<Authenticator> ways;

  /** No way, one or several. */
  public LoginOrder(List<Authenticator> ways) {
    this.ways = List.copyOf(ways);
  }

  @Override
  public boolean mayKnow(PasswordLogin login) {
    return ways.stream().anyMatch(way -> way.mayKnow(login));
  }

  @Override
  public boolean isRemembered(PasswordLogin login) {
    return ways.stream().anyMatch(way -> way.isRemembered(login));
  }

  @Override
  public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
    return ask(0, login, realm);
  }

  private CompletableFuture<Outcome> ask(int at, PasswordLogin login, ServerRealm realm) {
    if (at == ways.size()) {
      return CompletableFuture.completedFuture(new Outcome.NoSuchUser());
    }
    boolean isLast = at == ways.size() - 1;
    if (!isLast && !ways.get(at).mayKnow(login)) {
      return ask(at + 1, login, realm);
    }
    return ways.get(at)
        .authenticate(login, realm)
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.NoSuchUser && !isLast
                    ? ask(at + 1, login, realm)
                    : CompletableFuture.completedFuture(outcome));
  }
}
