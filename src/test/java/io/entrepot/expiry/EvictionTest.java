package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Link;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Eviction that somebody has asked for. */
class EvictionTest extends ExpiryFixture {
  private Evictor evictor(Duration ttl) {
    return evictor(new ExpiryPolicy(ttl, AFTER_USE));
  }

  private void link(Evictor evictor, RepositoryName repository) {
    disk.blobs.add(LAYER);
    catalog.link(repository, LAYER, BLOB, 1_000, null, clock.instant());
    evictor.linked(LAYER, List.of(repository), clock.instant());
  }

  private void use() {
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, LAYER, BLOB);
    catalog.flush();
  }

  @Test
  void linksGoAtOnceAndBytesAfterTheGrace() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    link(evictor, OTHER);

    assertThat(evictor.evict(LAYER, link -> true)).isEqualTo(2);
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(GRACE));

    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void leaseOfTheOthersStands() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    link(evictor, OTHER);

    assertThat(evictor.evict(LAYER, link -> link.repository().equals(ALPINE))).isEqualTo(1);
    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(OTHER);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(TTL));
  }

  @Test
  void bytesGoAlsoUnderATtlOfZero() {
    Evictor evictor = evictor(Duration.ZERO);
    link(evictor, ALPINE);

    assertThat(evictor.evict(LAYER, link -> true)).isEqualTo(1);
    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
  }

  @Test
  void linkThatIsUsedAtThatMomentGoesAllTheSame() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    int[] asked = new int[1];

    int gone =
        evictor.evict(
            LAYER,
            link -> {
              if (asked[0]++ == 0) {
                use();
              }
              return true;
            });

    assertThat(gone).isEqualTo(1);
    assertThat(catalog.links(LAYER)).isEmpty();
  }

  @Test
  void linkThatIsUsedAgainAndAgainStays() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);

    int gone =
        evictor.evict(
            LAYER,
            link -> {
              use();
              return true;
            });

    assertThat(gone).isZero();
    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(disk.blobs).contains(LAYER);
  }

  @Test
  void unknownDigestGetsNoLease() {
    assertThat(evictor(TTL).evict(LAYER, link -> true)).isZero();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void leaseThatCannotBeWrittenLeavesTheLinkToo() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    Instant lease = clock.instant().plus(TTL);
    Leases sound = leases;
    leases = refusing(sound);
    Evictor refused = evictor(TTL);

    assertThatThrownBy(() -> refused.evict(LAYER, link -> true)).isInstanceOf(LeaseException.class);

    leases = sound;
    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(leases.find(LAYER)).contains(lease);
    assertThat(disk.blobs).contains(LAYER);
  }

  /** Leases that can be read, but not written. */
  private static Leases refusing(Leases sound) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("lease")) {
            throw new LeaseException("leasing failed", new SQLException("as a test wishes"));
          }
          return method.invoke(sound, arguments);
        };
    return (Leases)
        Proxy.newProxyInstance(
            Leases.class.getClassLoader(), new Class<?>[] {Leases.class}, handler);
  }

  @Test
  void threadOfJmxEvictsAsAnyOther() throws Exception {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    int[] gone = new int[1];

    Thread foreign = new Thread(() -> gone[0] = evictor.evict(LAYER, link -> true));
    foreign.setContextClassLoader(null);
    foreign.start();
    foreign.join();

    assertThat(gone[0]).isEqualTo(1);
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(GRACE));
  }
}
