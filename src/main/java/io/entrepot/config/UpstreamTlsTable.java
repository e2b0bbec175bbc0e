package io.entrepot.config;

import java.nio.file.Path;

/** The part of {@link UpstreamTable} about how to be sure of an upstream; never inherited. */
final class UpstreamTlsTable {
  static final Setting<Path> CA =
      new Setting<>(
          "proxy.tls.ca",
          Syntax.path(),
          "",
          "Certificates, PEM, of authorities to trust besides those of the Java runtime.");
  static final Setting<Path> CERTIFICATE =
      new Setting<>(
          "proxy.tls.certificate",
          Syntax.path(),
          "",
          "A client certificate and its chain, PEM, shown to the upstream, its mirrors and"
              + " `proxy.realms` only; with `proxy.tls.key`.");
  static final Setting<Path> KEY =
      new Setting<>("proxy.tls.key", Syntax.path(), "", "Its key, PEM, PKCS #8, unencrypted.");
  static final Setting<Boolean> INSECURE =
      new Setting<>(
          "proxy.insecure",
          Syntax.bool(),
          "false",
          "Whether the upstream may be spoken to in plain http, or show any certificate; it then"
              + " gets no credentials.");

  private UpstreamTlsTable() {}
}
