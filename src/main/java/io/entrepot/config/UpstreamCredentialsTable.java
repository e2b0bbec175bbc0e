package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The part of {@link UpstreamTable} about logging in to an upstream. */
final class UpstreamCredentialsTable {
  static final Setting<String> USERNAME =
      new Setting<>(
          "proxy.username",
          Syntax.username(),
          "",
          "The user name for the upstream. It needs `proxy.password` or `proxy.passwordfile`"
              + " beside it.");
  static final Setting<Secret> PASSWORD =
      new Setting<>(
          "proxy.password",
          Syntax.secret(),
          "",
          "The password for the upstream. An access token is better than an account's password.");
  static final Setting<Path> PASSWORDFILE =
      new Setting<>(
          "proxy.passwordfile",
          Syntax.path(),
          "",
          "A file that holds the password. It is read again when it changes.");
  static final Setting<Login> CREDENTIALS =
      new Setting<>(
          "proxy.credentials",
          Syntax.login(),
          "",
          "User name and password in one setting. In JNDI it may also be a"
              + " `java.net.PasswordAuthentication`.");
  static final Setting<Secret> IDENTITYTOKEN =
      new Setting<>(
          "proxy.identitytoken",
          Syntax.secret(),
          "",
          "An OAuth2 refresh token, used instead of user name and password.");
  static final Setting<Path> DOCKERCONFIG =
      new Setting<>(
          "proxy.dockerconfig",
          Syntax.path(),
          "",
          "Docker's own `config.json`. It is read again when it changes. The credential helpers"
              + " that it names are used too.");
  static final Setting<String> EXEC_COMMAND =
      new Setting<>(
          "proxy.exec.command",
          Syntax.helper(),
          "",
          "A credential helper of Docker's. Entrepot runs it to get user name and password.");
  static final Setting<Duration> EXEC_LIFETIME =
      new Setting<>(
          "proxy.exec.lifetime",
          Syntax.duration("1s", "7d"),
          "1h",
          "How long the answer of a credential helper is used. If the upstream refuses it, the"
              + " helper is asked earlier.");
  static final Setting<Duration> EXEC_TIMEOUT =
      new Setting<>(
          "proxy.exec.timeout",
          Syntax.duration("1s", "5m"),
          "30s",
          "How long a credential helper may run. After that it is killed.");
  static final Setting<List<Path>> EXEC_PATH =
      new Setting<>(
          "proxy.exec.path",
          Syntax.folders(),
          "",
          "The folders in which credential helpers are looked for. Without it, those of the"
              + " environment's `PATH`.");
  static final Setting<Boolean> CLIENTCREDENTIALS =
      new Setting<>(
          "proxy.clientcredentials",
          Syntax.bool(),
          "false",
          "Whether the client's own user name and password decide at this upstream, for each client"
              + " by itself. Other upstreams do not take this over.");
  static final Setting<Duration> CLIENTCREDENTIALSLIFETIME =
      new Setting<>(
          "proxy.clientcredentialslifetime",
          Syntax.duration("1s", "1h"),
          "5m",
          "How long the upstream's word about a client counts before it is asked again.");
  static final Setting<Boolean> ANONYMOUSFALLBACK =
      new Setting<>(
          "proxy.anonymousfallback",
          Syntax.bool(),
          "false",
          "Whether Entrepot asks without credentials when the upstream refuses them. That is enough"
              + " for public images.");
  static final Setting<List<URI>> REALMS =
      new Setting<>(
          "proxy.realms",
          Syntax.safeOrigins(),
          "",
          "Token servers that may get the credentials, besides the upstream itself. For Docker Hub"
              + " the default is `https://auth.docker.io`.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL =
      List.of(
          USERNAME,
          PASSWORD,
          PASSWORDFILE,
          CREDENTIALS,
          IDENTITYTOKEN,
          DOCKERCONFIG,
          EXEC_COMMAND,
          EXEC_LIFETIME,
          EXEC_TIMEOUT,
          EXEC_PATH,
          CLIENTCREDENTIALS,
          CLIENTCREDENTIALSLIFETIME,
          ANONYMOUSFALLBACK,
          REALMS);

  private UpstreamCredentialsTable() {}
}
