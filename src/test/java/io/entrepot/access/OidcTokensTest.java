package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.access.BearerTokens.Verdict;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of OpenID Connect providers: which log in, and how their keys are read. */
class OidcTokensTest {
  private static final String ISSUER = "https://ci.example";
  private static final URI CONFIGURATION =
      URI.create("https://ci.example/.well-known/openid-configuration");
  private static final URI KEYS = URI.create("https://ci.example/keys");
  private static final RSAKey RSA = SignedClaims.rsa("rsa-1");
  private static final ECKey EC = SignedClaims.ec("ec-1");
  private static final ECKey STRANGER = SignedClaims.ec("ec-1");
  private static final ServerRealm NO_REALM = (login, asked) -> Optional.empty();

  private final TestClock clock = new TestClock();
  private final long now = clock.instant().getEpochSecond();
  private final Provider ci = new Provider();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final OidcTokens tokens =
      new OidcTokens(
          Map.of(
              new OidcProvider(
                  "ci",
                  ISSUER,
                  List.of("entrepot", "other"),
                  Optional.empty(),
                  "sub",
                  "groups",
                  List.of(
                      new RequiredClaim("repository", new RepositoryPattern("acme/*")),
                      new RequiredClaim("protected", new RepositoryPattern("true")))),
              ci),
          tasks::add,
          new MemoryBudget(256 << 20),
          clock);

  /** What a provider publishes, and what was read of it. */
  private static final class Provider implements KeySource {
    private final Map<URI, byte[]> documents = new HashMap<>();
    private final List<URI> read = new ArrayList<>();

    Provider() {
      put(CONFIGURATION, "{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + KEYS + "\"}");
      documents.put(KEYS, SignedClaims.keys(RSA, EC));
    }

    void put(URI url, String text) {
      documents.put(url, text.getBytes(UTF_8));
    }

    @Override
    public byte[] read(URI url, int max) throws IOException {
      read.add(url);
      byte[] document = documents.get(url);
      if (document == null || document.length > max) {
        throw new IOException(url + " does not answer");
      }
      return document;
    }

    @Override
    public void close() {}
  }

  private String claims(String more) {
    return "{\"iss\":\"%s\",\"aud\":\"entrepot\",\"exp\":%d,\"sub\":\"job\",\"repository\":\"acme/app\",\"protected\":true%s}"
        .formatted(ISSUER, now + 300, more);
  }

  private String claims() {
    return claims("");
  }

  /** The usual claims with one in another form. */
  private String with(String from, String to) {
    assertThat(claims()).contains(from);
    return claims().replace(from, to);
  }

  /** Verifies a token, and does what threads would do. */
  private Verdict verify(String token) {
    CompletableFuture<Verdict> verdict = tokens.verify(token);
    run();
    return verdict.join();
  }

  private void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private Principal principal(String token) {
    return ((Verdict.Valid) verify(token)).proven().principal();
  }

  private void assertRefused(String token) {
    assertThat(verify(token))
        .as(token.substring(0, Math.min(400, token.length())))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(tokens.remembered(token)).isEmpty();
  }

  @Test
  void tokensOfBothKindsLogIn() {
    for (String token :
        List.of(SignedClaims.token(RSA, claims()), SignedClaims.token(EC, claims()))) {
      assertThat(principal(token)).isEqualTo(new Principal("oidc.ci", "job"));
      assertThat(tokens.remembered(token).orElseThrow().scopes()).isNull();
    }
    assertThat(ci.read).containsExactly(CONFIGURATION, KEYS);
  }

  @Test
  void groupsAreAListOrOneText() {
    String list = claims(",\"groups\":[\"dev\",\"ops\",3,\"\",{\"a\":1}]");
    assertThat(principal(SignedClaims.token(EC, list)).groups()).isEqualTo(Set.of("dev", "ops"));
    String one = claims(",\"groups\":\"dev\"");
    assertThat(principal(SignedClaims.token(EC, one)).groups()).isEqualTo(Set.of("dev"));
    String none = claims(",\"groups\":{\"dev\":true}");
    assertThat(principal(SignedClaims.token(EC, none)).groups()).isEmpty();
  }

  @Test
  void tokenLogsInAsThePasswordOfAnyUser() {
    PasswordLogin login = new PasswordLogin("whoever", SignedClaims.token(EC, claims()));
    assertThat(tokens.mayKnow(login)).isTrue();
    CompletableFuture<Outcome> outcome = tokens.authenticate(login, NO_REALM);
    run();
    assertThat(outcome.join()).isEqualTo(new Outcome.Known(new Principal("oidc.ci", "job")));
    assertThat(tokens.isRemembered(login)).isTrue();

    PasswordLogin wrong = new PasswordLogin("ann", SignedClaims.token(STRANGER, claims()));
    assertThat(tokens.mayKnow(wrong)).as("so that no other way gets it").isTrue();
    assertThat(tokens.authenticate(wrong, NO_REALM).join()).isEqualTo(new Outcome.Wrong());
    PasswordLogin password = new PasswordLogin("ann", "a.b.c");
    assertThat(tokens.mayKnow(password)).isFalse();
    assertThat(tokens.authenticate(password, NO_REALM).join()).isEqualTo(new Outcome.NoSuchUser());
  }

  @Test
  void claimsMustHold() {
    long end = now + 300;
    for (String claims :
        List.of(
            with("\"aud\":\"entrepot\"", "\"aud\":\"another\""),
            with("\"aud\":\"entrepot\"", "\"aud\":[\"another\"]"),
            with("\"aud\":\"entrepot\"", "\"aud\":{\"entrepot\":1}"),
            with("\"aud\":\"entrepot\",", ""),
            with(",\"exp\":" + end, ""),
            with("\"exp\":" + end, "\"exp\":\"" + end + "\""),
            with("\"exp\":" + end, "\"exp\":" + (now - 30)),
            with("\"exp\":" + end, "\"exp\":-1"),
            with("\"exp\":" + end, "\"exp\":null"),
            claims(",\"nbf\":" + (now + 31)),
            claims(",\"nbf\":\"soon\""),
            claims(",\"nbf\":1e300"),
            with("acme/app", "acme/app/deep"),
            with("acme/app", "evil/acme/app"),
            with("\"repository\":\"acme/app\"", "\"repository\":{\"acme/app\":1}"),
            with("\"repository\":\"acme/app\",", ""),
            with("\"protected\":true", "\"protected\":false"),
            with("\"sub\":\"job\",", ""),
            with("\"sub\":\"job\"", "\"sub\":\" \""),
            with("\"sub\":\"job\"", "\"sub\":\"a\\u0000b\""),
            with("\"sub\":\"job\"", "\"sub\":[\"job\"]"),
            with("\"sub\":\"job\"", "\"sub\":\"" + "a".repeat(1025) + "\""))) {
      assertRefused(SignedClaims.token(EC, claims));
    }
  }

  @Test
  void clocksMayDifferByHalfAMinute() {
    assertThat(principal(SignedClaims.token(EC, claims(",\"nbf\":" + (now + 30))))).isNotNull();
    String late = with("\"exp\":" + (now + 300), "\"exp\":" + (now - 29));
    assertThat(principal(SignedClaims.token(EC, late))).isNotNull();
    String fraction = with("\"exp\":" + (now + 300), "\"exp\":" + (now + 300) + ".5");
    assertThat(principal(SignedClaims.token(EC, fraction))).isNotNull();
  }

  @Test
  void rememberedTokenEndsWithItsTime() {
    String token = SignedClaims.token(EC, claims());
    assertThat(principal(token)).isNotNull();
    clock.advance(Duration.ofSeconds(329));
    assertThat(tokens.remembered(token)).isPresent();
    clock.advance(Duration.ofSeconds(1));
    assertThat(tokens.remembered(token)).isEmpty();
    assertRefused(token);
  }

  /** None of these is taken for a token of this provider, so that no provider is asked. */
  @Test
  void whatIsNoTokenOfAProviderIsForeign() throws Exception {
    String claims = claims();
    byte[] publicKey = RSA.toRSAPublicKey().getEncoded();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(publicKey, "HmacSHA256"));
    String header = "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}";
    String swapped = SignedClaims.unsigned(header, claims, new byte[0]);
    byte[] hmac = mac.doFinal(swapped.substring(0, swapped.length() - 1).getBytes(UTF_8));
    for (String token :
        List.of(
            SignedClaims.unsigned("{\"alg\":\"none\"}", claims, new byte[0]),
            SignedClaims.unsigned("{\"alg\":\"none\",\"kid\":\"ec-1\"}", claims, new byte[64]),
            SignedClaims.unsigned("{\"alg\":\"nOnE\"}", claims, new byte[0]),
            SignedClaims.unsigned(header, claims, hmac),
            SignedClaims.token(EC, "{\"kid\":\"ec-1\"}", claims),
            SignedClaims.token(EC, "{\"alg\":[\"ES256\"],\"kid\":\"ec-1\"}", claims),
            SignedClaims.token(
                EC, "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"crit\":[\"x\"],\"x\":1}", claims),
            SignedClaims.token(EC, "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"ec-1\"}", claims),
            SignedClaims.token(EC, claims(",\"sub\":\"another\"")),
            SignedClaims.token(EC, claims(",\"aud\":\"entrepot\"")),
            SignedClaims.token(EC, with(ISSUER, ISSUER + "/")),
            SignedClaims.token(EC, with(ISSUER, "https://CI.example")),
            SignedClaims.token(
                EC, with("\"iss\":\"" + ISSUER + "\"", "\"iss\":[\"" + ISSUER + "\"]")),
            SignedClaims.token(EC, claims + "x"),
            SignedClaims.token(EC, "[]"),
            SignedClaims.token(EC, claims(",\"x\":\"" + "a".repeat(64 << 10) + "\"")),
            SignedClaims.token(EC, claims(",\"x\":" + "[".repeat(5000) + "]".repeat(5000))),
            SignedClaims.token(EC, claims) + ".",
            SignedClaims.token(EC, claims).replace('.', ' '),
            "ey..",
            "eyé.ey.x",
            "ey.ey.=",
            "")) {
      assertThat(verify(token)).isInstanceOf(Verdict.Foreign.class);
    }
    assertThat(ci.read).isEmpty();
  }

  @Test
  void signatureMustBeOfTheKeyThatTheTokenNames() {
    String good = SignedClaims.token(EC, claims());
    String cut = good.substring(0, good.lastIndexOf('.') + 1);
    assertRefused(SignedClaims.token(STRANGER, claims()));
    assertRefused(cut);
    assertRefused(cut + "AAAA");
    assertRefused(cut + "A".repeat(86)); // r and s are zero
    assertRefused(SignedClaims.token(EC, "{\"alg\":\"ES384\",\"kid\":\"ec-1\"}", claims()));
    assertRefused(SignedClaims.token(EC, "{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", claims()));
    assertRefused(SignedClaims.token(EC, "{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}", claims()));
    assertRefused(
        SignedClaims.token(EC, "{\"alg\":\"ES256\",\"kid\":\"../../etc/passwd\"}", claims()));
  }

  /** A token cannot say where its key is, or bring it along. */
  @ParameterizedTest
  @ValueSource(strings = {"jku", "x5u", "jwk"})
  void keyOfTheSenderIsNeverUsed(String field) {
    String value =
        field.equals("jwk")
            ? STRANGER.toPublicJWK().toJSONString()
            : "\"https://evil.example/keys\"";
    String header = "{\"alg\":\"ES256\",\"kid\":\"evil\",\"%s\":%s}".formatted(field, value);
    assertRefused(SignedClaims.token(STRANGER, header, claims()));
    assertThat(ci.read).doesNotContain(URI.create("https://evil.example/keys"));
  }

  @Test
  void tokenWithoutTheNameOfAKeyIsOfTheOnlyKeyOfItsKind() {
    String nameless = SignedClaims.token(EC, "{\"alg\":\"ES256\"}", claims());
    assertThat(principal(nameless)).isNotNull();
    ci.documents.put(KEYS, SignedClaims.keys(EC, SignedClaims.ec("ec-2")));
    clock.advance(ProviderKeys.FRESH);
    var unused = tokens.remembered(nameless);
    run();
    assertRefused(nameless);
  }

  @Test
  void newKeyIsReadWhenATokenNamesItAndAWithdrawnOneCountsNoMore() {
    String old = SignedClaims.token(EC, claims());
    assertThat(principal(old)).isNotNull();
    ECKey next = SignedClaims.ec("ec-2");
    ci.documents.put(KEYS, SignedClaims.keys(next));
    assertThat(principal(SignedClaims.token(next, claims()))).isNotNull();
    assertThat(tokens.remembered(old)).isEmpty();
    assertRefused(old);
  }

  @Test
  void withdrawnKeyCountsForAQuarterOfAnHour() {
    String token =
        SignedClaims.token(EC, with("\"exp\":" + (now + 300), "\"exp\":" + (now + 9000)));
    assertThat(principal(token)).isNotNull();
    ci.documents.put(KEYS, SignedClaims.keys(RSA));
    clock.advance(ProviderKeys.FRESH.minusSeconds(1));
    assertThat(tokens.remembered(token)).isPresent();
    assertThat(tasks).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(tokens.remembered(token)).as("nobody waits for the new keys").isPresent();
    run();
    assertThat(tokens.remembered(token)).isEmpty();
  }

  @Test
  void unknownKeysAreAskedForAFewTimesAMinute() {
    for (int i = 0; i < 20; i++) {
      String header = "{\"alg\":\"ES256\",\"kid\":\"made-up-" + i + "\"}";
      assertRefused(SignedClaims.token(STRANGER, header, claims()));
    }
    assertThat(ci.read).hasSize(2 * ProviderKeys.MAX_READS);
    assertThat(principal(SignedClaims.token(EC, claims()))).as("known keys go on").isNotNull();
    clock.advance(Duration.ofMinutes(1));
    assertRefused(SignedClaims.token(STRANGER, "{\"alg\":\"ES256\",\"kid\":\"x\"}", claims()));
    assertThat(ci.read).hasSize(2 * ProviderKeys.MAX_READS + 2);
  }

  @Test
  void manyTokensWaitForOneRead() {
    List<CompletableFuture<Verdict>> verdicts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      verdicts.add(tokens.verify(SignedClaims.token(EC, claims())));
    }
    assertThat(tasks).hasSize(1);
    run();
    assertThat(verdicts).allMatch(verdict -> verdict.join() instanceof Verdict.Valid);
    assertThat(ci.read).hasSize(2);
  }

  @Test
  void providerThatIsDownLeavesKnownKeysForADay() {
    ci.documents.clear();
    String token =
        SignedClaims.token(EC, with("\"exp\":" + (now + 300), "\"exp\":" + (now + 900_000)));
    assertThat(verify(token)).isEqualTo(new Verdict.Unavailable());
    assertThat(verify(token)).as("not asked again at once").isEqualTo(new Verdict.Unavailable());
    assertThat(ci.read).hasSize(1);

    clock.advance(ProviderKeys.REST);
    ci.put(CONFIGURATION, "{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + KEYS + "\"}");
    ci.documents.put(KEYS, SignedClaims.keys(EC));
    assertThat(principal(token)).isNotNull();

    ci.documents.clear();
    clock.advance(ProviderKeys.USABLE.minusSeconds(1));
    assertThat(tokens.remembered(token)).isPresent();
    run();
    assertThat(tokens.remembered(token)).isPresent();
    String unknown = SignedClaims.token(STRANGER, "{\"alg\":\"ES256\",\"kid\":\"x\"}", claims());
    clock.advance(Duration.ofSeconds(1));
    assertThat(tokens.remembered(token)).isEmpty();
    assertThat(verify(token)).isEqualTo(new Verdict.Unavailable());
    assertThat(verify(unknown)).isInstanceOf(Verdict.Refused.class); // it has expired
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"keys\":[]}",
        "{\"keys\":{}}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"ec-1\",\"k\":\"AAAA\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"ec-1\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"ec-1\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "<html>"
      })
  void keysThatCannotBeUsedAreNone(String keys) {
    ci.put(KEYS, keys);
    assertThat(verify(SignedClaims.token(EC, claims()))).isEqualTo(new Verdict.Unavailable());
  }

  @Test
  void keysForEncryptionAndBrokenOnesAreLeftOut() {
    String good = EC.toPublicJWK().toJSONString();
    String forEncryption = RSA.toPublicJWK().toJSONString().replace("{", "{\"use\":\"enc\",");
    ci.put(KEYS, "{\"keys\":[null,7,{\"kty\":\"new\"}," + forEncryption + "," + good + "]}");
    assertThat(principal(SignedClaims.token(EC, claims()))).isNotNull();
    assertRefused(SignedClaims.token(RSA, claims()));
  }

  @Test
  void tooManyOrTooLargeKeysAreNone() {
    String one = EC.toPublicJWK().toJSONString();
    ci.put(KEYS, "{\"keys\":[" + (one + ",").repeat(64) + one + "]}");
    assertThat(verify(SignedClaims.token(EC, claims()))).isEqualTo(new Verdict.Unavailable());
    clock.advance(ProviderKeys.REST);
    ci.put(KEYS, "{\"x\":\"" + "a".repeat(KeySet.MAX_BYTES) + "\",\"keys\":[" + one + "]}");
    assertThat(verify(SignedClaims.token(EC, claims()))).isEqualTo(new Verdict.Unavailable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"issuer\":\"https://ci.example/\",\"jwks_uri\":\"https://ci.example/keys\"}",
        "{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"https://ci.example/keys\"}",
        "{\"jwks_uri\":\"https://ci.example/keys\"}",
        "{\"issuer\":\"https://ci.example\"}",
        "{\"issuer\":\"https://ci.example\",\"jwks_uri\":\"no url\"}"
      })
  void configurationMustBeOfTheIssuer(String configuration) {
    ci.put(CONFIGURATION, configuration);
    assertThat(verify(SignedClaims.token(EC, claims()))).isEqualTo(new Verdict.Unavailable());
    assertThat(ci.read).doesNotContain(KEYS);
  }

  @Test
  void tooManyReadsAtOnceAreABusyMoment() {
    OidcTokens busy =
        new OidcTokens(
            Map.of(
                new OidcProvider(
                    "ci",
                    ISSUER,
                    List.of("entrepot"),
                    Optional.of(KEYS),
                    "sub",
                    "groups",
                    List.of()),
                ci),
            task -> {
              throw new RejectedExecutionException();
            },
            new MemoryBudget(256 << 20),
            clock);
    assertThat(busy.verify(SignedClaims.token(EC, claims())).join())
        .isEqualTo(new Verdict.Unavailable());
  }
}
