package io.entrepot.access;

import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out which client sends a request, by its header {@code Authorization}. Never blocks.
 * Thread-safe.
 */
public final class Logins {
  /** A hash takes some tenths of a second. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Authenticator authenticator;
  private final Ways ways;
  private final TokenIssuer tokens;
  private final FailedLogins failed;
  private final Audit audit;

  /**
   * Wires the collaborators.
   *
   * @param authenticator checks passwords
   * @param ways the ways to log in, with and without passwords
   */
  public Logins(
      Authenticator authenticator,
      Ways ways,
      TokenIssuer tokens,
      Audit audit,
      MemoryBudget memory,
      Clock clock) {
    this.authenticator = authenticator;
    this.ways = ways;
    this.tokens = tokens;
    this.audit = audit;
    this.failed = new FailedLogins(memory, clock);
  }

  /**
   * Identifies the client of a request.
   *
   * @return the client; fails with an {@link OciException} if the credentials are wrong
   */
  public CompletableFuture<Client> identify(Caller caller) {
    LoginHeader authorization = LoginHeader.parse(caller.authorization());
    if (authorization instanceof LoginHeader.Bearer bearer) {
      return tokens
          .verify(bearer.token())
          .map(proven -> CompletableFuture.completedFuture(proven.from(caller.address())))
          .orElseGet(
              () ->
                  refused(
                      caller.address(), "", "the token is not one of this cache, or has expired"));
    }
    return identify(caller, authorization, false);
  }

  /**
   * Identifies the client of a request for a token. It logs in by a password: a token does not give
   * another one, so that it ends.
   */
  public CompletableFuture<Client> identifyForToken(Caller caller, boolean lenient) {
    return identify(caller, LoginHeader.parse(caller.authorization()), lenient);
  }

  private CompletableFuture<Client> identify(
      Caller caller, LoginHeader authorization, boolean lenient) {
    if (authorization instanceof LoginHeader.Basic basic) {
      return identify(caller, basic.login(), lenient);
    }
    if (authorization instanceof LoginHeader.Bearer) {
      return refused(caller.address(), "", "log in by a user name and a password to get a token");
    }
    if (authorization instanceof LoginHeader.Malformed malformed) {
      return refused(caller.address(), "", malformed.why());
    }
    return CompletableFuture.completedFuture(Client.anonymous(caller.address()));
  }

  /**
   * Identifies a client by a user name and a password.
   *
   * @param lenient whether a user that does not exist counts as an anonymous client
   */
  public CompletableFuture<Client> identify(Caller caller, PasswordLogin login, boolean lenient) {
    String address = caller.address();
    if (failed.isSlowed(address) && !authenticator.isRemembered(login)) {
      return tooMany(
          "too many logins from this address have failed; try again in a minute",
          FailedLogins.WINDOW);
    }
    return authenticator
        .authenticate(login, caller.realm())
        .thenCompose(outcome -> client(address, login, outcome, lenient));
  }

  private CompletableFuture<Client> client(
      String address, PasswordLogin login, Outcome outcome, boolean lenient) {
    if (outcome instanceof Outcome.Known known) {
      return CompletableFuture.completedFuture(new Client(address, known.principal(), null));
    }
    if (outcome instanceof Outcome.TooMany many) {
      audit.log(new Audit.Event("login", login.user(), address, "", "refused: too many"));
      return tooMany(
          "too many logins of this user have failed; try again later", many.retryAfter());
    }
    if (outcome instanceof Outcome.Busy) {
      return unavailable("too many passwords wait to be checked; try again");
    }
    if (outcome instanceof Outcome.Unavailable) {
      return unavailable("passwords cannot be checked now; try again");
    }
    if (lenient && outcome instanceof Outcome.NoSuchUser) {
      return CompletableFuture.completedFuture(Client.anonymous(address));
    }
    failed.note(address);
    return refused(address, login.user(), "the user name or the password is wrong");
  }

  private static CompletableFuture<Client> tooMany(String why, Duration retryAfter) {
    return CompletableFuture.failedFuture(
        new OciException(OciError.TOO_MANY_REQUESTS, why, retryAfter, null));
  }

  /** It is no failure of the client, and does not count as one. */
  private static CompletableFuture<Client> unavailable(String why) {
    return CompletableFuture.failedFuture(
        new OciException(OciError.UNAVAILABLE, why, RETRY_AFTER, null));
  }

  private CompletableFuture<Client> refused(String address, String user, String why) {
    audit.log(new Audit.Event("login", user, address, "", "refused: " + why));
    return CompletableFuture.failedFuture(new OciException(OciError.UNAUTHORIZED, why));
  }

  /** The ways to log in. */
  public Ways ways() {
    return ways;
  }

  /** The token service. */
  public TokenIssuer tokens() {
    return tokens;
  }
}
