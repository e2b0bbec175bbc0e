package io.entrepot.boot;

import io.entrepot.config.Login;
import io.entrepot.config.Settings;
import io.entrepot.upstream.auth.AuthOptions;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.pace.Cap;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.registry.RegistryOptions;
import io.entrepot.upstream.wire.ClientCertificate;
import io.entrepot.upstream.wire.OutboundProxy;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import io.entrepot.upstream.wire.WireOptions;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns settings into what the upstream is made from. */
final class UpstreamSettings {
  private UpstreamSettings() {}

  /**
   * What one registry of an upstream is reached by.
   *
   * @param url the upstream's own or a mirror's
   * @param caps what its calls must pass
   */
  static RegistryOptions of(
      Settings.Upstream settings, URI url, CredentialSource credentials, List<Cap> caps) {
    return new RegistryOptions(
        new WireOptions(
            url,
            timeouts(settings),
            settings.maxConnections(),
            outbound(settings.outbound()),
            "entrepot",
            tls(settings.tls())),
        new AuthOptions(
            credentials,
            settings.anonymousFallback(),
            settings.realms().stream().map(URI::toString).map(TrustedRealm::parse).toList()),
        restraint(settings.restraint()).withCaps(caps));
  }

  private static Restraint restraint(Settings.Restraint settings) {
    return Restraint.DEFAULT
        .withBreaker(settings.failures(), settings.rest(), settings.maxRest())
        .withThrottle(settings.throttledRest(), settings.maxThrottledRest())
        .withScarcePercent(settings.scarcePercent());
  }

  private static UpstreamTls tls(Settings.UpstreamTls tls) {
    return new UpstreamTls(
        tls.authorities(),
        tls.client()
            .map(client -> new ClientCertificate(client.chain(), client.key()))
            .orElse(null),
        tls.insecure());
  }

  private static PasswordAuthentication password(Login login) {
    return new PasswordAuthentication(login.username(), login.password().reveal().toCharArray());
  }

  private static Timeouts timeouts(Settings.Upstream settings) {
    Duration connect = settings.connectTimeout();
    Duration response = settings.responseTimeout();
    // A challenge, a token and the answer itself may each take as long as one response may.
    Duration total = connect.plus(response).multipliedBy(3);
    return new Timeouts(connect, response, settings.idleTimeout(), response, total);
  }

  private static @Nullable OutboundProxy outbound(Optional<Settings.Outbound> outbound) {
    return outbound
        .map(
            o ->
                new OutboundProxy(
                    o.host(),
                    o.port(),
                    o.login().map(UpstreamSettings::password).orElse(null),
                    o.noProxy()))
        .orElse(null);
  }
}
