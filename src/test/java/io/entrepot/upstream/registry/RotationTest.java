package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Credentials that are changed, or wrong, while the cache runs (Nexus #639). */
@Timeout(60)
class RotationTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final Credentials OLD = new Credentials.Password("ann", "old-password");
  private static final Credentials NEW = new Credentials.Password("ann", "new-password");

  private final Bench bench = new Bench();
  private final Digest digest = bench.registry.putBlob(BYTES);
  private final Rotating source = new Rotating();

  /** A source that is read only when what it gave was refused, as a helper's answer is. */
  private static final class Rotating implements CredentialSource {
    private Credentials given = OLD;
    Credentials stored = OLD;
    int renewals;

    @Override
    public synchronized Credentials current() {
      return given;
    }

    @Override
    public synchronized Credentials renew(Credentials refused) {
      renewals++;
      given = stored;
      return given;
    }

    @Override
    public boolean isAnonymous() {
      return false;
    }
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private HttpRegistry upstream() {
    return bench.upstream(o -> o.auth(a -> a.withCredentials(source)));
  }

  private HttpRegistry upstreamWithFallback() {
    return bench.upstream(o -> o.auth(a -> a.withCredentials(source).withAnonymousFallback(true)));
  }

  private double refused() {
    return bench.meters.get("entrepot.upstream.credentials.refused").counter().count();
  }

  private static Cost fetch(Upstream upstream, Digest digest) throws Exception {
    Cost cost = new Cost();
    assertThat(Bench.fetch(upstream, REPOSITORY, digest, cost)).isEqualTo(BYTES);
    return cost;
  }

  @Test
  void passwordThatWasChangedIsFoundWhenTheTokenServiceRefusesTheOldOne() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");
    HttpRegistry upstream = upstream();
    source.stored = NEW;

    assertThat(fetch(upstream, digest).requests()).as("challenge, two tokens, blob").isEqualTo(4);
    assertThat(source.renewals).isEqualTo(1);
    assertThat(refused()).isEqualTo(1);

    assertThat(fetch(upstream, digest).requests()).isEqualTo(1);
  }

  @Test
  void tokensOfTheOldPasswordAreNotUsedForTheNewOne() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "old-password");
    HttpRegistry upstream = upstream();
    fetch(upstream, digest);

    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");
    source.stored = NEW;
    source.renew(OLD);
    int before = bench.registry.tokenRequests().size();

    fetch(upstream, digest);

    List<Recorded> asked = bench.registry.tokenRequests();
    assertThat(asked).hasSize(before + 1);
  }

  @Test
  void passwordThatWasChangedIsFoundWhenTheUpstreamItselfRefusesTheOldOne() throws Exception {
    bench.registry.requireBasic("ann", "old-password");
    HttpRegistry upstream = upstream();
    fetch(upstream, digest);
    bench.registry.requireBasic("ann", "new-password");
    source.stored = NEW;

    assertThat(fetch(upstream, digest).requests()).as("old, new").isEqualTo(2);
    assertThat(fetch(upstream, digest).requests()).isEqualTo(1);
    assertThat(source.renewals).isEqualTo(1);
  }

  @Test
  void wrongPasswordIsReadAgainOnceAndThenDenied() {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");
    HttpRegistry upstream = upstream();

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest))
        .hasMessageEndingWith("wrong credentials of user \"ann\"");
    assertThat(bench.cost.requests()).as("challenge, token").isEqualTo(2);
    assertThat(source.renewals).isEqualTo(1);

    source.stored = NEW;
    assertThatCode(() -> fetch(upstream, digest))
        .as("without a restart")
        .doesNotThrowAnyException();
  }

  @Test
  void twoWrongPasswordsAreTwoTries() {
    bench.registry.requireBasic("ann", "a-third-one");
    HttpRegistry upstream = upstream();
    source.stored = NEW;

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest))
        .hasMessageEndingWith("wrong credentials of user \"ann\"");
    assertThat(bench.cost.requests()).as("nothing, old, new").isEqualTo(3);
    assertThat(refused()).isEqualTo(2);
  }

  @Test
  void expiredIdentityTokenIsARefusalToo() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).refreshToken("fresh");
    source.given = new Credentials.IdentityToken("expired");
    source.stored = new Credentials.IdentityToken("fresh");
    bench.registry.inject(
        Recorded.token().and(r -> r.body().contains("expired")),
        Fault.reply(Reply.json(400, "{\"error\":\"invalid_grant\"}")));

    fetch(upstream(), digest);

    assertThat(refused()).isEqualTo(1);
  }

  @Test
  void publicRepositoryIsPulledAnonymouslyWhereThatIsAnOption() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");
    HttpRegistry upstream = upstreamWithFallback();

    assertThat(fetch(upstream, digest).requests())
        .as("challenge, refused token, anonymous token, blob")
        .isEqualTo(4);
    assertThat(fetch(upstream, digest).requests()).isEqualTo(1);
    bench.clock.advance(Duration.ofMinutes(4));
    fetch(upstream, digest);
    assertThat(refused()).as("not tried at each request").isEqualTo(1);

    bench.clock.advance(Duration.ofMinutes(6));
    fetch(upstream, digest);
    assertThat(refused()).as("tried again after a while").isEqualTo(2);
  }

  /** As registries do that let anybody in, but nobody with a wrong password. */
  @Test
  void publicRepositoryBehindBasicIsPulledAnonymouslyToo() throws Exception {
    Reply challenge =
        Reply.error(401, "UNAUTHORIZED", "no").header("WWW-Authenticate", "Basic realm=\"x\"");
    bench.registry.inject(Recorded.blob(digest), Fault.reply(challenge), 1);
    bench.registry.inject(
        Recorded.blob(digest).and(r -> r.header("Authorization") != null), Fault.reply(challenge));
    HttpRegistry upstream = upstreamWithFallback();

    assertThat(fetch(upstream, digest).requests()).as("nothing, old, nothing").isEqualTo(3);
    assertThat(fetch(upstream, digest).requests()).as("and then at once").isEqualTo(1);
    assertThat(refused()).isEqualTo(1);
  }

  @Test
  void basicThatLetsNobodyInIsDenied() {
    bench.registry.requireBasic("ann", "a-third-one");
    HttpRegistry upstream = upstreamWithFallback();

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest))
        .hasMessageContaining("wrong credentials, and anonymous access is not allowed");
    assertThat(bench.cost.requests()).as("nothing, old, nothing").isEqualTo(3);
    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest))
        .hasMessageEndingWith(
            "wrong credentials of user \"ann\", and anonymous access is not allowed");
    assertThat(bench.cost.requests()).as("the wrong password is not sent again").isEqualTo(4);
  }

  @Test
  void newPasswordEndsTheAnonymity() throws Exception {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");
    HttpRegistry upstream = upstreamWithFallback();
    fetch(upstream, digest);
    source.stored = NEW;
    source.renew(OLD);

    fetch(upstream, digest);

    Recorded last = bench.registry.tokenRequests().get(bench.registry.tokenRequests().size() - 1);
    assertThat(last.headers()).containsKey("authorization");
  }

  @Test
  void privateRepositoryIsDeniedAllTheSame() {
    bench
        .registry
        .requireTokens()
        .clock(bench.clock)
        .user("ann", "new-password")
        .restrict(Bench.NAME, "ann");

    assertFails(Failure.DENIED, () -> bench.fetch(upstreamWithFallback(), digest))
        .hasMessageContaining("wrong credentials, and anonymous access is not allowed");
  }

  @Test
  void withoutTheOptionThereIsNoAnonymity() {
    bench.registry.requireTokens().clock(bench.clock).user("ann", "new-password");

    assertFails(Failure.DENIED, () -> bench.fetch(upstream(), digest));

    assertThat(bench.registry.tokenRequests())
        .allSatisfy(r -> assertThat(r.headers()).containsKey("authorization"));
  }
}
