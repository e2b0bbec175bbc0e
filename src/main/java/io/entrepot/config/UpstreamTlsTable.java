package io.entrepot.config;

import java.nio.file.Path;
import java.util.List;

/**
 * The part of {@link UpstreamTable} about TLS to an upstream. Other upstreams do not take over
 * these settings from the default upstream.
 */
final class UpstreamTlsTable {
  static final Setting<Path> CA =
      new Setting<>(
          "proxy.tls.ca",
          Syntax.path(),
          "",
          "A PEM file with certificates of authorities. They are trusted besides those of the Java"
              + " runtime.");
  static final Setting<Path> CERTIFICATE =
      new Setting<>(
          "proxy.tls.certificate",
          Syntax.path(),
          "",
          "A PEM file with a client certificate and its chain. It needs `proxy.tls.key` beside it."
              + " Only the upstream, its mirrors and the servers of `proxy.realms` see it.");
  static final Setting<Path> KEY =
      new Setting<>(
          "proxy.tls.key",
          Syntax.path(),
          "",
          "A PEM file with the key of the client certificate: PKCS #8, not encrypted.");
  static final Setting<Boolean> INSECURE =
      new Setting<>(
          "proxy.insecure",
          Syntax.bool(),
          "false",
          "Allows plain http to the upstream, and any certificate. Credentials are then not sent,"
              + " unless the upstream and its mirrors run on this machine.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL = List.of(CA, CERTIFICATE, KEY, INSECURE);

  private UpstreamTlsTable() {}
}
