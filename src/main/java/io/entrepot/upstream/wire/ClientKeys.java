package io.entrepot.upstream.wire;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A client certificate that only some hosts see. Other hosts do not learn who we are, even when a
 * redirect leads there and they ask for a certificate. Thread-safe.
 */
final class ClientKeys extends X509ExtendedKeyManager {
  private final X509ExtendedKeyManager keys;
  private final Set<String> hosts;

  /**
   * @param hosts lower case, without brackets
   */
  ClientKeys(X509ExtendedKeyManager keys, Set<String> hosts) {
    this.keys = keys;
    this.hosts = Set.copyOf(hosts);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return hosts.contains(ServerTrust.peer(socket))
        ? keys.chooseClientAlias(keyTypes, issuers, socket)
        : null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return keys.getClientAliases(keyType, issuers);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return keys.getCertificateChain(alias);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return keys.getPrivateKey(alias);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
