package io.entrepot.access;

import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.access.BearerTokens.Verdict;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out which client sends a request, by its header {@code Authorization}. Never blocks.
 * Thread-safe.
 */
public final class Logins {
  /** A hash takes some tenths of a second. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Authenticator authenticator;
  private final Authenticator tokensAsPasswords;
  private final List<BearerTokens> bearers;
  private final Optional<ClientCertificates> certificates;
  private final Ways ways;
  private final TokenIssuer tokens;
  private final FailedLogins failed;
  private final Audit audit;

  /**
   * What checks who a client is.
   *
   * @param passwords checks passwords
   * @param tokensAsPasswords checks the tokens that come as passwords
   * @param bearers read tokens that come as Bearer, in the order in which they are asked
   * @param certificates checks certificates of clients
   */
  public record Checks(
      Authenticator passwords,
      Authenticator tokensAsPasswords,
      List<BearerTokens> bearers,
      Optional<ClientCertificates> certificates) {
    public Checks {
      bearers = List.copyOf(bearers);
    }
  }

  /**
   * Wires the collaborators.
   *
   * @param ways the ways to log in, with and without passwords
   * @param tokens makes our own tokens
   */
  public Logins(
      Checks checks, Ways ways, TokenIssuer tokens, Audit audit, MemoryBudget memory, Clock clock) {
    this.authenticator = checks.passwords();
    this.tokensAsPasswords = checks.tokensAsPasswords();
    this.bearers = checks.bearers();
    this.certificates = checks.certificates();
    this.ways = ways;
    this.tokens = tokens;
    this.audit = audit;
    this.failed = new FailedLogins(memory, clock);
  }

  /** Whether certificates of clients are looked at. */
  public boolean looksAtCertificates() {
    return certificates.isPresent();
  }

  /**
   * Identifies the client of a request.
   *
   * @return the client; fails with an {@link OciException} if the credentials are wrong
   */
  public CompletableFuture<Client> identify(Caller caller) {
    return identify(caller, false);
  }

  /**
   * Identifies the client of a request for a token. A token for something does not give another
   * one, so that it ends.
   */
  public CompletableFuture<Client> identifyForToken(Caller caller, boolean lenient) {
    return identify(caller, lenient)
        .thenCompose(
            client ->
                client.scopes() == null
                    ? CompletableFuture.completedFuture(client)
                    : refused(caller.address(), "", "a token for pulls gives no other token"));
  }

  /** What a client says of itself in a header counts, and its certificate only without one. */
  private CompletableFuture<Client> identify(Caller caller, boolean lenient) {
    LoginHeader authorization = LoginHeader.parse(caller.authorization());
    if (authorization instanceof LoginHeader.Basic basic) {
      return identify(caller, basic.login(), lenient);
    }
    if (authorization instanceof LoginHeader.Bearer bearer) {
      return identify(caller, bearer.token());
    }
    if (authorization instanceof LoginHeader.Malformed malformed) {
      return refused(caller.address(), "", malformed.why());
    }
    Optional<Principal> shown =
        certificates.flatMap(checked -> checked.identify(caller.certificates()));
    return CompletableFuture.completedFuture(
        new Client(caller.address(), shown.orElse(null), null));
  }

  private CompletableFuture<Client> identify(Caller caller, String token) {
    for (BearerTokens each : bearers) {
      Optional<ProvenToken> known = each.remembered(token);
      if (known.isPresent()) {
        return CompletableFuture.completedFuture(known.get().from(caller.address()));
      }
    }
    return ask(0, caller.address(), token);
  }

  private CompletableFuture<Client> ask(int at, String address, String token) {
    if (at == bearers.size()) {
      return refused(address, "", "the token is not one of this cache, or has expired");
    }
    return bearers
        .get(at)
        .verify(token)
        .thenCompose(
            verdict -> {
              if (verdict instanceof Verdict.Valid valid) {
                return CompletableFuture.completedFuture(valid.proven().from(address));
              }
              if (verdict instanceof Verdict.Refused refused) {
                return refused(address, "", refused.why());
              }
              return verdict instanceof Verdict.Unavailable
                  ? unavailable("the key of the token cannot be had now; try again")
                  : ask(at + 1, address, token);
            });
  }

  /**
   * Identifies a client by a user name and a password.
   *
   * @param lenient whether a user that does not exist counts as an anonymous client
   */
  public CompletableFuture<Client> identify(Caller caller, PasswordLogin login, boolean lenient) {
    String upstream = caller.upstream();
    if (upstream != null) {
      return identifyFor(upstream, caller, login);
    }
    String address = caller.address();
    if (failed.isSlowed(address) && !authenticator.isRemembered(login)) {
      return CompletableFuture.failedFuture(slowed());
    }
    return authenticator
        .authenticate(login, caller.realm())
        .thenCompose(outcome -> client(address, login, outcome, lenient));
  }

  /** A password for an upstream. Only a token that comes as a password is known before. */
  private CompletableFuture<Client> identifyFor(
      String upstream, Caller caller, PasswordLogin login) {
    if (!UpstreamLogins.isPossible(login)) {
      return refused(
          caller.address(), login.user(), "the user name or the password is empty or too long");
    }
    return tokensAsPasswords
        .authenticate(login, caller.realm())
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.NoSuchUser
                    ? CompletableFuture.completedFuture(forUpstream(upstream, caller, login))
                    : client(caller.address(), login, outcome, false));
  }

  private Client forUpstream(String upstream, Caller caller, PasswordLogin login) {
    try {
      return Client.anonymous(caller.address()).with(tokens.upstreamLogins().of(upstream, login));
    } catch (IOException e) {
      throw new OciException(
          OciError.UNAVAILABLE, "the keys for tokens cannot be written", RETRY_AFTER, e);
    }
  }

  /** Whether passwords of a client are not tried for a while, because too many were wrong. */
  public boolean isSlowed(Client client) {
    return failed.isSlowed(client.address());
  }

  /** The error for a client whose passwords are not tried for a while. */
  public static OciException slowed() {
    return new OciException(
        OciError.TOO_MANY_REQUESTS,
        "too many logins from this address have failed; try again in a minute",
        FailedLogins.WINDOW,
        null);
  }

  /** Notes that the upstream of a client says that its user name or its password is wrong. */
  public void wrongAtUpstream(Client client) {
    failed.note(client.address());
    audit.log(
        new Audit.Event(
            "login", client.who(), client.address(), "", "refused: wrong for the upstream"));
  }

  /** Notes that a login at a provider, by its page, has ended with nobody. */
  public void refusedByProvider(Client client, String why) {
    failed.note(client.address());
    audit.log(new Audit.Event("login", "", client.address(), "", "refused: " + why));
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
