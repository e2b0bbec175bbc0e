package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own tokens: what is accepted, what is not, and the keys. */
class TokenIssuerTest {
  private static final Duration LIFETIME = Duration.ofMinutes(5);
  private static final Principal ANN = new Principal("htpasswd", "ann");
  private static final Set<TokenScope> SCOPES = Set.of(TokenScope.pull("team/app"));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private TokenKeys keys;
  private TokenIssuer tokens;

  @BeforeEach
  void open() throws IOException {
    keys = TokenKeys.open(new KeyFile(folder.resolve("keys")), LIFETIME, clock);
    tokens = service(keys, "this");
  }

  private TokenIssuer service(TokenKeys keysOf, String deployment) {
    return new TokenIssuer(keysOf, deployment, LIFETIME, new MemoryBudget(128L << 20), clock);
  }

  @Test
  void tokenSaysWhoAndForWhatUntilItExpires() throws IOException {
    String token = tokens.issue(ANN, Set.of(), SCOPES).text();
    ProvenToken proven = tokens.prove(token).orElseThrow();
    assertThat(proven.principal()).isEqualTo(ANN);
    assertThat(proven.scopes()).isEqualTo(SCOPES);
    assertThat(
            tokens.prove(tokens.issue(null, Set.of(), Set.of()).text()).orElseThrow().principal())
        .isNull();

    clock.advance(LIFETIME);
    assertThat(tokens.prove(token)).as("remembered, but expired").isEmpty();
  }

  @Test
  void tokenHasTheGroupsThatRulesNameAndNoMoreThanAHeaderTakes() throws IOException {
    Principal ann = new Principal("ldap", "ann", Set.of("dev", "ops", "private"));
    String token = tokens.issue(ann, Set.of("dev", "ops", "other"), SCOPES).text();
    assertThat(tokens.prove(token).orElseThrow().principal())
        .isEqualTo(new Principal("ldap", "ann", Set.of("dev", "ops")));

    Set<String> many =
        IntStream.range(0, 1000).mapToObj(i -> "group-" + i).collect(Collectors.toSet());
    String large = tokens.issue(new Principal("ldap", "ann", many), many, SCOPES).text();
    assertThat(large.length()).isLessThan(4 << 10);
    assertThat(tokens.prove(large).orElseThrow().principal().groups())
        .isSubsetOf(many)
        .contains("group-0");
  }

  @Test
  void tokensOfOthersAreRefused() throws IOException, ParseException, JOSEException {
    String token = tokens.issue(ANN, Set.of(), SCOPES).text();
    String[] parts = token.split("\\.", -1);
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(UTF_8));
    TokenKeys others = TokenKeys.open(new KeyFile(folder.resolve("others")), LIFETIME, clock);
    ECKey foreign = new ECKey.Builder(others.signing()).keyID(keys.signing().getKeyID()).build();
    SignedJWT swapped =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(foreign.getKeyID()).build(),
            SignedJWT.parse(token).getJWTClaimsSet());
    swapped.sign(new ECDSASigner(foreign));
    SignedJWT endless =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keys.signing().getKeyID()).build(),
            new JWTClaimsSet.Builder().audience("this").subject("ann").build());
    endless.sign(new ECDSASigner(keys.signing()));

    for (String bad :
        List.of(
            none + "." + parts[1] + ".",
            none + "." + parts[1] + "." + parts[2],
            parts[0] + "." + parts[1] + ".",
            swapped.serialize(),
            endless.serialize(),
            service(keys, "other").issue(ANN, Set.of(), SCOPES).text(),
            service(others, "this").issue(ANN, Set.of(), SCOPES).text(),
            "x".repeat(64 << 10),
            "a.b.c",
            "",
            "..")) {
      assertThat(tokens.prove(bad)).as(bad.substring(0, Math.min(80, bad.length()))).isEmpty();
    }
  }

  @Test
  void keysSurviveARestartAndAreForThisUserOnly() throws IOException {
    String token = tokens.issue(ANN, Set.of(), SCOPES).text();
    TokenIssuer again =
        service(TokenKeys.open(new KeyFile(folder.resolve("keys")), LIFETIME, clock), "this");
    assertThat(again.prove(token)).isPresent();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys"))))
        .isEqualTo("rw-------");
    assertThat(tokens.publicKeys()).contains("\"kid\"").doesNotContain("\"d\"");
  }

  @Test
  void keysAreRotatedAndTheOldOneIsHonouredUntilItsTokensEnd() throws IOException {
    String first = keys.signing().getKeyID();
    clock.advance(Duration.ofDays(30).minusSeconds(1));
    String token = tokens.issue(ANN, Set.of(), SCOPES).text();
    assertThat(keys.signing().getKeyID()).isEqualTo(first);
    clock.advance(Duration.ofSeconds(1));
    assertThat(keys.signing().getKeyID()).isNotEqualTo(first);
    assertThat(service(keys, "this").prove(token)).isPresent();
    clock.advance(LIFETIME.minusSeconds(1));
    assertThat(service(keys, "this").prove(token)).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(keys.find(first)).isEmpty();
  }
}
