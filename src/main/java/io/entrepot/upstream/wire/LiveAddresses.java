package io.entrepot.upstream.wire;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of each host in the order in which to try them. Where a host has several, each is
 * first given a moment, in the spirit of RFC 8305, and only then the whole connect timeout. One to
 * which no connection could be made is tried last for a minute. So a dead address does not delay
 * each new connection (F33). Thread-safe.
 */
final class LiveAddresses implements DnsResolver, DetachedSocketFactory {
  /**
   * How long an address is waited for while there are others: as RFC 8305, 5 proposes, and more.
   */
  private static final int MOMENT_MILLIS = 300;

  private static final long KEPT = Duration.ofMinutes(1).toNanos();

  /** Each has some hundred bytes. More than an upstream and all its redirect targets have. */
  private static final int MAX_ADDRESSES = 1000;

  private final GuardedResolver dns;
  private final LongSupplier nanoTime;
  private final Cache<InetAddress, Trouble> troubles =
      Caffeine.newBuilder().maximumSize(MAX_ADDRESSES).executor(Runnable::run).build();

  /**
   * An address that did not answer in time.
   *
   * @param until when that is forgotten
   * @param slow whether it has answered since, when it was given the whole timeout
   */
  private record Trouble(long until, boolean slow) {}

  /** One that gets only a moment, because it will be tried again or there are others. */
  private static final class First extends InetSocketAddress {
    private static final long serialVersionUID = 1L;

    First(InetAddress address, int port) {
      super(address, port);
    }
  }

  /**
   * @param dns finds all addresses of a host
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  LiveAddresses(GuardedResolver dns, LongSupplier nanoTime) {
    this.dns = dns;
    this.nanoTime = nanoTime;
  }

  @Override
  public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
    List<InetAddress> all =
        Stream.of(dns.resolve(host, port)).sorted(Comparator.comparingInt(this::rank)).toList();
    List<InetSocketAddress> attempts = new ArrayList<>();
    for (InetAddress address : all) {
      if (all.size() > 1 && rank(address) == 0) {
        attempts.add(new First(address, port));
      }
    }
    all.forEach(address -> attempts.add(new InetSocketAddress(address, port)));
    return attempts;
  }

  /** 0 for one that nothing is known against, 1 for a slow one, 2 for a dead one. */
  private int rank(InetAddress address) {
    Trouble trouble = troubles.getIfPresent(address);
    if (trouble == null || trouble.until() - nanoTime.getAsLong() <= 0) {
      return 0;
    }
    return trouble.slow() ? 1 : 2;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    throw new UnknownHostException("an address belongs to a host and its port: " + host);
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  @Override
  public Socket create(@Nullable Proxy socks) {
    return socks == null ? new Watched() : new Socket(socks);
  }

  /** A socket that remembers how a connect ended. */
  private final class Watched extends Socket {
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress to)) {
        super.connect(endpoint, timeout);
        return;
      }
      boolean first = to instanceof First;
      try {
        boolean shorter = first && (timeout == 0 || timeout > MOMENT_MILLIS);
        super.connect(endpoint, shorter ? MOMENT_MILLIS : timeout);
      } catch (IOException e) {
        troubles.put(to.getAddress(), new Trouble(nanoTime.getAsLong() + KEPT, false));
        throw e;
      }
      if (!first) {
        troubles
            .asMap()
            .computeIfPresent(
                to.getAddress(), (address, known) -> new Trouble(known.until(), true));
      }
    }
  }
}
