package io.entrepot.upstream.auth;

import static io.entrepot.upstream.auth.RealmPolicy.Trust.ANONYMOUS_ONLY;
import static io.entrepot.upstream.auth.RealmPolicy.Trust.CREDENTIALS;
import static io.entrepot.upstream.auth.RealmPolicy.Trust.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.upstream.Origin;
import io.entrepot.upstream.wire.Location;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Origins, trusted realms, and what each realm may have (S1, S4). */
class TrustTest {
  private static Origin origin(String uri) {
    return Origin.of(URI.create(uri)).orElseThrow();
  }

  private static RealmPolicy policy(String upstream) {
    return new RealmPolicy(
        origin(upstream),
        List.of(
            TrustedRealm.parse("https://auth.example.com"),
            TrustedRealm.parse("https://sso.example.com/realms/docker"),
            TrustedRealm.parse("http://plain.example.com")));
  }

  /** A realm that a host names to which the upstream redirects never sees credentials. */
  @ParameterizedTest
  @CsvSource({
    "https://r.example.com, https://ghcr.io/token, ANONYMOUS_ONLY",
    "https://r.example.com, https://auth.example.com/any, ANONYMOUS_ONLY",
    "https://r.example.com, https://r.example.com/token, ANONYMOUS_ONLY",
    "https://r.example.com, http://ghcr.io/token, NONE",
    "https://r.example.com, https://127.0.0.1/token, NONE",
    "https://r.example.com, http://localhost:8080/token, NONE",
    "http://r.example.com, http://r.example.com/token, NONE",
    "http://127.0.0.1:5000, http://localhost:8080/token, ANONYMOUS_ONLY",
    "https://r.example.com, https://user:pw@ghcr.io/token, NONE",
    "https://r.example.com, https://ghcr.io/token#x, NONE",
    "https://r.example.com, ftp://ghcr.io/token, NONE"
  })
  void realmOfATargetIsAskedOverHttpsOnlyAndWithoutCredentials(
      String upstream, URI realm, RealmPolicy.Trust expected) {
    assertThat(policy(upstream).trustOfTarget(realm)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "https://r.example.com/token, CREDENTIALS",
    "https://R.Example.COM:443/token?x=y, CREDENTIALS",
    "https://auth.example.com/any, CREDENTIALS",
    "https://sso.example.com/realms/docker, CREDENTIALS",
    "https://sso.example.com/realms/docker/token, CREDENTIALS",
    "https://sso.example.com/realms/docker2, ANONYMOUS_ONLY",
    "https://sso.example.com/realms/docker/../evil, ANONYMOUS_ONLY",
    "https://sso.example.com/realms/docker/%2E%2e/evil, ANONYMOUS_ONLY",
    "https://sso.example.com, ANONYMOUS_ONLY",
    "https://r.example.com:444/token, ANONYMOUS_ONLY",
    "https://r.example.com.evil.com/token, ANONYMOUS_ONLY",
    "https://auth.example.com:8443/, ANONYMOUS_ONLY",
    "https://127.0.0.1/token, NONE",
    "http://127.0.0.1/token, NONE",
    "https://0.0.0.0/token, NONE",
    "https://[::]/token, NONE",
    "https://localhost./token, NONE",
    "https://2130706433/token, NONE",
    "http://localhost:8080/token, NONE",
    "http://r.example.com/token, NONE",
    "http://auth.example.com/token, NONE",
    "http://plain.example.com/token, NONE",
    "http://elsewhere.example.com/token, NONE",
    "https://r.example.com@evil.com/token, NONE",
    "https://user:pw@r.example.com/token, NONE",
    "https://r.example.com/token#x, NONE",
    "https:///token, NONE",
    "ftp://r.example.com/token, NONE",
    "/token, NONE"
  })
  void realmOfAnHttpsUpstream(String realm, RealmPolicy.Trust trust) {
    assertThat(policy("https://r.example.com").trustIn(URI.create(realm))).isEqualTo(trust);
  }

  @Test
  void plainUpstreamGivesTokensWithoutCredentials() {
    RealmPolicy policy = policy("http://r.example.com");

    assertThat(policy.trustIn(URI.create("http://r.example.com/token"))).isEqualTo(ANONYMOUS_ONLY);
    assertThat(policy.trustIn(URI.create("http://auth.example.com/"))).isEqualTo(NONE);
    assertThat(policy.trustIn(URI.create("https://auth.example.com/"))).isEqualTo(CREDENTIALS);
    assertThat(policy.allowsPassword()).isFalse();
    assertThat(policy("https://r.example.com").allowsPassword()).isTrue();
  }

  @Test
  void loopbackUpstreamMayNameALoopbackRealm() {
    RealmPolicy policy = policy("http://localhost:5000");

    assertThat(policy.trustIn(URI.create("http://localhost:5000/token"))).isEqualTo(CREDENTIALS);
    assertThat(policy.trustIn(URI.create("http://127.0.0.1:5001/token"))).isEqualTo(ANONYMOUS_ONLY);
    assertThat(policy.allowsPassword()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1, true", "http://127.9.8.7:1, true", "http://[::1]:5000, true",
    "http://LOCALHOST, true", "http://127.evil.com, false", "http://127.0.0.1.evil.com, false",
    "http://localhost.evil.com, false", "http://10.0.0.1, false", "http://[::2], false",
    "http://0.0.0.0, true", "http://[::], true", "http://localhost., true",
    "http://2130706433, true", "http://0x7f000001, true", "http://0177.0.0.1, true",
    "http://[::ffff:127.0.0.1], true", "http://[::ffff:7f00:1], true",
        "http://[64:ff9b::7f00:1], true",
    "http://192.168.0.1, false", "http://3232235521, false", "http://[::ffff:10.0.0.1], false"
  })
  void loopbackIsAnAddressInAnyFormAndOneName(String uri, boolean loopback) {
    assertThat(origin(uri).isLoopback()).isEqualTo(loopback);
  }

  @Test
  void originIsSchemeHostAndPort() {
    assertThat(origin("HTTPS://Example.com")).isEqualTo(origin("https://example.com:443/x?y"));
    assertThat(origin("http://example.com")).isEqualTo(origin("http://example.com:80"));
    assertThat(origin("http://example.com")).isNotEqualTo(origin("https://example.com"));
    assertThat(origin("http://example.com")).hasToString("http://example.com:80");
    assertThat(Origin.of(URI.create("http://example.com:70000"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "auth.example.com",
        "ftp://a",
        "https://",
        "https://u@a",
        "https://a?b",
        "https://a#b",
        "https://a/../b",
        "https://a b"
      })
  void trustedRealmIsAPlainUrl(String text) {
    assertThatThrownBy(() -> TrustedRealm.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void queryReferenceKeepsThePath() {
    URI base = URI.create("https://a/b/c?d=e");

    assertThat(Location.resolve(base, URI.create("?x=%2F"))).hasToString("https://a/b/c?x=%2F");
    assertThat(Location.resolve(base, URI.create("x"))).hasToString("https://a/b/x");
    assertThat(Location.resolve(base, URI.create("/x?y"))).hasToString("https://a/x?y");
    assertThat(Location.resolve(base, URI.create("//h/x"))).hasToString("https://h/x");
  }
}
