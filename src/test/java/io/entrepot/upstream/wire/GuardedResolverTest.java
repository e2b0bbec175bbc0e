package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.IpAddress;
import io.entrepot.upstream.Origin;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses an upstream may send us to (S35). */
class GuardedResolverTest {
  private static final String UPSTREAM = "registry.example";
  private static final int PORT = 443;
  private static final Origin REGISTRY = new Origin("https", UPSTREAM, PORT);
  private static final Origin REALM = new Origin("https", "auth.example", 8443);

  private final Map<String, List<String>> names = new HashMap<>();

  private final DnsResolver dns =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
          List<String> found = names.get(host);
          if (found == null) {
            throw new UnknownHostException(host);
          }
          return found.stream()
              .map(text -> IpAddress.ofHost(text).orElseThrow())
              .toArray(InetAddress[]::new);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
          return host;
        }
      };

  private GuardedResolver resolver(String upstreamAt, String... redirects) throws Exception {
    names.put(UPSTREAM, List.of(upstreamAt));
    GuardedResolver resolver =
        new GuardedResolver(dns, REGISTRY, Set.of(REALM), RedirectTargets.of(List.of(redirects)));
    assertThat(resolver.resolve(UPSTREAM, PORT)).hasSize(1);
    return resolver;
  }

  private List<String> found(GuardedResolver resolver, String... addresses) throws Exception {
    names.put("target.example", List.of(addresses));
    return Arrays.stream(resolver.resolve("target.example", PORT))
        .map(InetAddress::getHostAddress)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, 127.0.0.1",
    "8.8.8.8, 0.0.0.0",
    "8.8.8.8, ::",
    "8.8.8.8, ::1",
    "8.8.8.8, ::ffff:127.0.0.1",
    "8.8.8.8, 10.0.0.1",
    "8.8.8.8, 172.16.0.1",
    "8.8.8.8, 192.168.0.1",
    "8.8.8.8, 100.64.0.1",
    "8.8.8.8, fd00::1",
    "8.8.8.8, 64:ff9b::a00:1",
    "8.8.8.8, 100.100.100.200",
    "8.8.8.8, fd00:ec2::254",
    "8.8.8.8, 169.254.169.254",
    "10.0.0.1, 127.0.0.1",
    "127.0.0.1, 10.0.0.1",
    "fd00::1, fd00:ec2::254",
    "169.254.1.1, 169.254.169.254",
    "127.0.0.1, fe80::1",
    "10.0.0.1, 224.0.0.1"
  })
  void addressWhereTheUpstreamIsNotIsForbidden(String upstream, String target) throws Exception {
    GuardedResolver resolver = resolver(upstream);

    assertThatThrownBy(() -> found(resolver, target))
        .isInstanceOf(ForbiddenAddressException.class)
        .hasMessageStartingWith("target.example has the ");
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, 1.1.1.1",
    "10.0.0.1, 192.168.0.1",
    "10.0.0.1, 8.8.8.8",
    "127.0.0.1, 127.0.0.2",
    "fd00::1, 10.0.0.1",
    "100.100.100.200, 100.100.100.200"
  })
  void addressWhereTheUpstreamIsTooIsAllowed(String upstream, String target) throws Exception {
    assertThat(found(resolver(upstream), target)).containsExactly(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"target.example", ".example", "10.0.0.0/8", "10.0.0.1", "192.168.0.0/16,.example"})
  void namedPlaceIsAllowed(String redirects) throws Exception {
    GuardedResolver resolver = resolver("8.8.8.8", redirects.split(",", -1));

    assertThat(found(resolver, "10.0.0.1")).containsExactly("10.0.0.1");
    assertThatThrownBy(() -> found(resolver, "169.254.169.254"))
        .isInstanceOf(ForbiddenAddressException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.example", "example", "10.0.1.0/24", "xtarget.example"})
  void anotherPlaceIsNot(String redirects) throws Exception {
    GuardedResolver resolver = resolver("8.8.8.8", redirects);

    assertThatThrownBy(() -> found(resolver, "10.0.0.1"))
        .isInstanceOf(ForbiddenAddressException.class)
        .hasMessageEndingWith("name it in proxy.redirects");
  }

  /** A name whose address changes is judged each time, by the address that is connected to. */
  @Test
  void nameThatChangesItsAddressGainsNothing() throws Exception {
    GuardedResolver resolver = resolver("8.8.8.8");

    assertThat(found(resolver, "1.1.1.1", "10.0.0.1", "127.0.0.1")).containsExactly("1.1.1.1");
    assertThatThrownBy(() -> found(resolver, "127.0.0.1"))
        .isInstanceOf(ForbiddenAddressException.class);
  }

  @Test
  void placesOfTheConfigurationHaveAnyAddress() throws Exception {
    GuardedResolver resolver = resolver("8.8.8.8");
    names.put("auth.example", List.of("10.0.0.1"));
    names.put("Auth.example.", List.of("10.0.0.1"));

    assertThat(resolver.resolve("auth.example", REALM.port())).hasSize(1);
    assertThat(resolver.resolve("Auth.example.", REALM.port())).hasSize(1);
  }

  /** What one service of a host may do, the next port of the same host may not. */
  @ParameterizedTest
  @CsvSource({"8.8.8.8, auth.example, 443", "169.254.1.1, registry.example, 8443"})
  void anotherPortOfAConfiguredHostIsJudgedAsAnyPlace(String upstream, String host, int port)
      throws Exception {
    GuardedResolver resolver = resolver(upstream);
    names.put("auth.example", List.of("10.0.0.1"));

    assertThatThrownBy(() -> resolver.resolve(host, port))
        .isInstanceOf(ForbiddenAddressException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost.",
        "a.localhost",
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:a9fe:a9fe]"
      })
  void hostBehindAProxyIsJudgedByItsText(String host) throws Exception {
    assertThatThrownBy(() -> resolver("8.8.8.8").checkUnresolved(host, PORT))
        .isInstanceOf(ForbiddenAddressException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "target.example", UPSTREAM, "auth.example"})
  void otherHostBehindAProxyIsAsked(String host) {
    assertThatCode(() -> resolver("8.8.8.8").checkUnresolved(host, PORT))
        .doesNotThrowAnyException();
  }

  @Test
  void addressOfTheConfigurationIsAskedBehindAProxyAtItsPortOnly() throws Exception {
    Origin realm = new Origin("http", "127.0.0.1", 5001);
    GuardedResolver resolver =
        new GuardedResolver(dns, REGISTRY, Set.of(realm), RedirectTargets.NONE);

    assertThatCode(() -> resolver.checkUnresolved("127.0.0.1", 5001)).doesNotThrowAnyException();
    assertThatThrownBy(() -> resolver.checkUnresolved("127.0.0.1", 5002))
        .isInstanceOf(ForbiddenAddressException.class);
  }
}
