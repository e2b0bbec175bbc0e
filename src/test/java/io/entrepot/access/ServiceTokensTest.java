package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import io.entrepot.access.BearerTokens.Verdict;
import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of somebody else's token service: which count, and what they give. */
class ServiceTokensTest {
  private static final ECKey FROM_FILE = SignedClaims.ec("in-the-file");
  private static final ECKey STRANGER = SignedClaims.ec("in-the-file");

  @TempDir static Path folder;
  private static FakeCertificate certificate;
  private static ECKey certified;

  private final TestClock clock = new TestClock();
  private Path file;
  private ServiceTokens tokens;
  private long now;

  /** Names of Docker Hub stand for themselves, as in the settings. */
  private static final class Names implements NamesInTokens {
    @Override
    public Optional<String> canonical(String inToken) {
      return inToken.startsWith("/") || inToken.contains("*")
          ? Optional.empty()
          : Optional.of(inToken.startsWith("ghcr.io/") ? inToken : "docker.io/" + inToken);
    }

    @Override
    public String inToken(String canonical) {
      return canonical.startsWith("docker.io/") ? canonical.substring(10) : canonical;
    }
  }

  @BeforeAll
  static void certify() throws Exception {
    certificate = FakeCertificate.create(folder, "tokens", "dns:tokens.example");
    certified =
        new ECKey.Builder(
                Curve.forECParameterSpec(
                    ((ECPublicKey) certificate.certificate().getPublicKey()).getParams()),
                (ECPublicKey) certificate.certificate().getPublicKey())
            .privateKey((ECPrivateKey) certificate.key())
            .build();
  }

  @BeforeEach
  void open() throws IOException {
    // The certificate is valid now.
    clock.advance(Duration.between(clock.instant(), Instant.now().plusSeconds(60)));
    now = clock.instant().getEpochSecond();
    file = folder.resolve("keys-" + System.nanoTime() + ".json");
    Files.write(file, SignedClaims.keys(FROM_FILE));
    tokens = open(Optional.of(file));
  }

  private ServiceTokens open(Optional<Path> jwks) throws IOException {
    return ServiceTokens.open(
        new ForeignTokenService(
            URI.create("https://auth.example/token"),
            "cache.example",
            "auth.example",
            List.of(certificate.certificate()),
            jwks),
        new Names(),
        new MemoryBudget(256 << 20),
        clock);
  }

  private String claims(String access) {
    return "{\"iss\":\"auth.example\",\"aud\":\"cache.example\",\"sub\":\"ann\",\"exp\":%d,\"access\":%s}"
        .formatted(now + 300, access);
  }

  private static String pull(String name) {
    return "[{\"type\":\"repository\",\"name\":\"" + name + "\",\"actions\":[\"pull\"]}]";
  }

  private Verdict verify(String token) {
    return tokens.verify(token).join();
  }

  private ProvenToken proven(String token) {
    return ((Verdict.Valid) verify(token)).proven();
  }

  private String byFile(String access) {
    return SignedClaims.token(FROM_FILE, claims(access));
  }

  private static String x5c() throws Exception {
    String der = Base64.getEncoder().encodeToString(certificate.certificate().getEncoded());
    return "{\"alg\":\"ES256\",\"x5c\":[\"" + der + "\"]}";
  }

  @Test
  void tokenGivesWhatItNamesByCanonicalNames() {
    String access =
        "[{\"type\":\"repository\",\"class\":\"image\",\"name\":\"library/alpine\",\"actions\":[\"pull\",\"push\"]},"
            + "{\"type\":\"repository\",\"name\":\"ghcr.io/acme/app\",\"actions\":[\"*\"]},"
            + "{\"type\":\"repository\",\"name\":\"only/pushed\",\"actions\":[\"push\"]},"
            + "{\"type\":\"repository\",\"name\":\"every/*\",\"actions\":[\"pull\"]},"
            + "{\"type\":\"repository\",\"name\":\"/bad\",\"actions\":[\"pull\"]},"
            + "{\"type\":\"repository\",\"name\":\"no/actions\"},"
            + "{\"type\":\"registry\",\"name\":\"catalog\",\"actions\":[\"*\"]},"
            + "{\"type\":\"another\",\"name\":\"x\",\"actions\":[\"pull\"]}]";
    ProvenToken proven = proven(byFile(access));
    assertThat(proven.principal()).isEqualTo(new Principal("token", "ann"));
    assertThat(proven.given())
        .isEqualTo(
            Set.of(
                TokenScope.pull("docker.io/library/alpine"),
                TokenScope.pull("ghcr.io/acme/app"),
                TokenScope.CATALOG));
    assertThat(tokens.scopeOf("docker.io/library/alpine"))
        .isEqualTo(TokenScope.pull("library/alpine"));
  }

  @Test
  void rulesGiveItsBearerNothing() {
    Client client = proven(byFile(pull("team/app"))).from("192.0.2.1");
    AccessRules everything =
        new AccessRules(
            List.of(
                new AccessRule(
                    "anonymous pull **",
                    new Who.Everybody(),
                    Set.of(Right.PULL),
                    List.of(new RepositoryPattern("**")))));
    assertThat(everything.letsPull(client, "docker.io/team/app")).isTrue();
    assertThat(everything.letsPull(client, "docker.io/team/other")).isFalse();
    assertThat(everything.letsPull(client, "ghcr.io/team/app")).isFalse();
    assertThat(everything.letsList(client)).isFalse();
    assertThat(everything.letsPull(Client.anonymous("192.0.2.1"), "docker.io/team/other")).isTrue();
  }

  @Test
  void keyIsThatOfACertificateThatComesAlong() throws Exception {
    assertThat(proven(SignedClaims.token(certified, x5c(), claims("[]"))).given()).isEmpty();
    assertThat(verify(SignedClaims.token(STRANGER, x5c(), claims("[]"))))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void keyOfACertificateHasTheNameThatTokenServicesGiveIt() throws Exception {
    String thumbprint = certified.computeThumbprint().toString();
    List<String> names =
        ServiceKeys.of(List.of(certificate.certificate())).keys().stream()
            .map(key -> key.getKeyID())
            .toList();
    assertThat(names).hasSize(2).contains(thumbprint);
    assertThat(names.get(0)).matches("(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}");
    for (String name : names) {
      String header = "{\"alg\":\"ES256\",\"kid\":\"" + name + "\"}";
      assertThat(proven(SignedClaims.token(certified, header, claims("[]")))).isNotNull();
      assertThat(verify(SignedClaims.token(STRANGER, header, claims("[]"))))
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  /** As distribution's own token service has it: the whole key, and no {@code kid} beside it. */
  @Test
  void keyInTheHeaderOnlyNamesOneOfOurs() throws Exception {
    String name = ServiceKeys.of(List.of(certificate.certificate())).keys().get(0).getKeyID();
    assertThat(proven(withKey(certified, name, certified))).isNotNull();
    assertThat(verify(withKey(STRANGER, name, STRANGER))).isInstanceOf(Verdict.Refused.class);
    assertThat(verify(withKey(STRANGER, "another", STRANGER))).isInstanceOf(Verdict.Refused.class);
  }

  private String withKey(ECKey signer, String name, ECKey sent) {
    String jwk = new ECKey.Builder(sent.toPublicJWK()).keyID(name).build().toJSONString();
    String header = "{\"alg\":\"ES256\",\"jwk\":" + jwk + "}";
    return SignedClaims.token(signer, header, claims("[]"));
  }

  /** As Docker's own library has named this key. */
  @Test
  void fingerprintIsThatOfDocker() throws Exception {
    // SHA-256 of the key, 240 bits, Base32, in groups of four.
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(certificate.certificate().getPublicKey().getEncoded());
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      bits.append(String.format("%8s", Integer.toBinaryString(digest[i] & 0xff)).replace(' ', '0'));
    }
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 240; i += 5) {
      name.append(i > 0 && i % 20 == 0 ? ":" : "")
          .append(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                  .charAt(Integer.parseInt(bits.substring(i, i + 5), 2)));
    }
    assertThat(ServiceKeys.of(List.of(certificate.certificate())).keys().get(0).getKeyID())
        .isEqualTo(name.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"pull\"",
        "{\"type\":\"repository\",\"name\":\"a/b\",\"actions\":[\"pull\"]}",
        "7",
        "[7]",
        "[[]]",
        "[{}]",
        "[{\"type\":\"repository\",\"actions\":[\"pull\"]}]",
        "[{\"type\":7,\"name\":\"a/b\",\"actions\":[\"pull\"]}]"
      })
  void accessOfAnotherShapeMakesATokenWorthless(String access) {
    assertThat(verify(byFile(access))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void accessThatIsMissingGivesNothing() {
    assertThat(proven(byFile("null")).given()).isEmpty();
    assertThat(
            proven(byFile("[{\"type\":\"repository\",\"name\":\"a/b\",\"actions\":\"pull\"}]"))
                .given())
        .isEmpty();
  }

  @Test
  void claimsMustHold() {
    String good = claims(pull("a/b"));
    for (String claims :
        List.of(
            good.replace("\"cache.example\"", "\"another.example\""),
            good.replace("\"cache.example\"", "[\"another.example\"]"),
            good.replace("\"aud\":\"cache.example\",", ""),
            good.replace("" + (now + 300), "" + (now - 30)),
            good.replace("\"exp\":" + (now + 300) + ",", ""),
            good.replace("\"access\"", "\"nbf\":" + (now + 31) + ",\"access\""))) {
      assertThat(verify(SignedClaims.token(FROM_FILE, claims))).isInstanceOf(Verdict.Refused.class);
    }
    for (String claims : List.of(good.replace("auth.example", "auth.example/"), "{}")) {
      assertThat(verify(SignedClaims.token(FROM_FILE, claims))).isInstanceOf(Verdict.Foreign.class);
    }
    assertThat(verify(SignedClaims.token(STRANGER, good))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void changedFileIsReadAgainAndItsOldKeysCountNoMore() throws Exception {
    String token = byFile(pull("a/b"));
    assertThat(proven(token)).isNotNull();
    assertThat(tokens.remembered(token)).isPresent();
    ECKey next = SignedClaims.ec("another-name");
    Files.write(file, SignedClaims.keys(next, SignedClaims.ec("and-one-more")));
    clock.advance(Duration.ofSeconds(1));
    assertThat(tokens.remembered(token)).isEmpty();
    assertThat(verify(token)).isInstanceOf(Verdict.Refused.class);
    assertThat(proven(SignedClaims.token(next, claims("[]")))).isNotNull();
    Files.writeString(file, "broken");
    clock.advance(Duration.ofSeconds(1));
    assertThat(proven(SignedClaims.token(next, claims("[]")))).as("as before").isNotNull();
  }

  @Test
  void fileWithoutKeysCannotBeOpened() throws Exception {
    Files.writeString(file, "{\"keys\":[]}");
    assertThatIOException()
        .isThrownBy(() -> open(Optional.of(file)))
        .withMessageContaining(file.toString())
        .withMessageContaining("no RSA or EC key");
  }
}
