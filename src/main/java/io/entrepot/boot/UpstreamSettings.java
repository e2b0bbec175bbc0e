package io.entrepot.boot;

import io.entrepot.config.Login;
import io.entrepot.config.Settings;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.pace.Cap;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.registry.UpstreamOptions;
import io.entrepot.upstream.wire.ClientCertificate;
import io.entrepot.upstream.wire.OutboundProxy;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns the settings of an upstream into the options of its HTTP client. */
final class UpstreamSettings {
  private UpstreamSettings() {}

  /**
   * Makes the options for one registry.
   *
   * @param url the URL of the upstream or of a mirror
   * @param caps the limits for its calls
   */
  static UpstreamOptions of(
      Settings.Upstream settings, URI url, CredentialSource credentials, List<Cap> caps) {
    return UpstreamOptions.of(url)
        .withCredentials(credentials)
        .withAnonymousFallback(settings.anonymousFallback())
        .withTrustedRealms(
            settings.realms().stream().map(URI::toString).map(TrustedRealm::parse).toList())
        .withTimeouts(timeouts(settings))
        .withMaxConnections(settings.maxConnections())
        .withProxy(outbound(settings.outbound()))
        .withTls(tls(settings.tls()))
        .withRestraint(restraint(settings.restraint()).withCaps(caps))
        .withUserAgent("entrepot");
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

  private static Credentials.Password password(Login login) {
    return new Credentials.Password(login.username(), login.password().reveal());
  }

  private static Timeouts timeouts(Settings.Upstream settings) {
    Duration connect = settings.connectTimeout();
    Duration response = settings.responseTimeout();
    // A call may need three requests: for the challenge, for the token, and for the answer.
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
