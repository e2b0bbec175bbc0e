package io.entrepot.config;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads how this cache logs in to an upstream. Settings for two ways are an error. */
final class AccessReader {
  /** The user name that Docker writes for an identity token. */
  private static final String TOKEN_USER = "<token>";

  /** The settings that select a way to log in. At most one of them may be given. */
  private static final List<Setting<?>> WAYS =
      List.of(
          UpstreamCredentialsTable.USERNAME,
          UpstreamCredentialsTable.IDENTITYTOKEN,
          UpstreamCredentialsTable.CREDENTIALS,
          UpstreamCredentialsTable.DOCKERCONFIG,
          UpstreamCredentialsTable.EXEC_COMMAND);

  private final SettingSources sources;
  private final Values values;
  private final Findings findings;

  AccessReader(SettingSources sources, Values values, Findings findings) {
    this.sources = sources;
    this.values = values;
    this.findings = findings;
  }

  Access read() {
    Access.Helpers helpers =
        new Access.Helpers(
            folders(),
            values.value(UpstreamCredentialsTable.EXEC_TIMEOUT),
            values.value(UpstreamCredentialsTable.EXEC_LIFETIME));
    Optional<Access> byName = byUserName();
    reportTwoWays();
    if (values.given(UpstreamCredentialsTable.CLIENTCREDENTIALS).orElse(false)) {
      return ofClients();
    }
    return Stream.<Optional<? extends Access>>of(
            byName,
            values.given(UpstreamCredentialsTable.CREDENTIALS).map(AccessReader::of),
            values.given(UpstreamCredentialsTable.IDENTITYTOKEN).map(Access.IdentityToken::new),
            values
                .file(UpstreamCredentialsTable.DOCKERCONFIG)
                .map(file -> new Access.DockerConfig(file, helpers)),
            values
                .given(UpstreamCredentialsTable.EXEC_COMMAND)
                .map(name -> new Access.HelperProgram(name, helpers)))
        .flatMap(Optional::stream)
        .<Access>map(access -> access)
        .findFirst()
        .orElseGet(Access.Anonymous::new);
  }

  /** Nothing but the registry itself, over a safe connection, can say what a client may have. */
  private Access ofClients() {
    Stream.concat(
            WAYS.stream(),
            Stream.of(
                UpstreamTable.MIRRORS,
                UpstreamTable.OFFLINE,
                UpstreamCredentialsTable.ANONYMOUSFALLBACK,
                UpstreamTlsTable.INSECURE))
        .filter(values::isGiven)
        .filter(setting -> !Boolean.FALSE.equals(values.value(setting)))
        .forEach(other -> reportBoth(UpstreamCredentialsTable.CLIENTCREDENTIALS, other));
    return new Access.OfClients(values.value(UpstreamCredentialsTable.CLIENTCREDENTIALSLIFETIME));
  }

  private Optional<Access> byUserName() {
    Optional<Path> file = values.file(UpstreamCredentialsTable.PASSWORDFILE);
    if (!values.isGiven(UpstreamCredentialsTable.PASSWORDFILE)) {
      return values
          .login(UpstreamCredentialsTable.USERNAME, UpstreamCredentialsTable.PASSWORD)
          .map(AccessReader::of);
    }
    values.requireBeside(UpstreamCredentialsTable.PASSWORDFILE, UpstreamCredentialsTable.USERNAME);
    if (values.isGiven(UpstreamCredentialsTable.PASSWORD)) {
      reportBoth(UpstreamCredentialsTable.PASSWORD, UpstreamCredentialsTable.PASSWORDFILE);
    }
    return values
        .given(UpstreamCredentialsTable.USERNAME)
        .flatMap(name -> file.map(path -> new Access.PasswordFile(name, path)));
  }

  private static Access of(Login login) {
    return login.username().equals(TOKEN_USER)
        ? new Access.IdentityToken(login.password())
        : new Access.Password(login);
  }

  private void reportTwoWays() {
    List<Setting<?>> given = WAYS.stream().filter(values::isGiven).toList();
    for (Setting<?> other : given.subList(Math.min(1, given.size()), given.size())) {
      reportBoth(given.get(0), other);
    }
  }

  private void reportBoth(Setting<?> one, Setting<?> other) {
    findings.problem(
        values.key(other),
        "it is given by %s, and %s is given by %s; give only one of them"
            .formatted(values.source(other), values.key(one), values.source(one)));
  }

  /**
   * The folders from the setting, or else from {@code PATH}. Relative ones are left out: in a
   * server they mean other folders.
   */
  private List<Path> folders() {
    return values
        .given(UpstreamCredentialsTable.EXEC_PATH)
        .orElseGet(
            () ->
                Arrays.stream(
                        sources.environment().getOrDefault("PATH", "").split(File.pathSeparator))
                    .flatMap(AccessReader::path)
                    .toList())
        .stream()
        .filter(Path::isAbsolute)
        .toList();
  }

  private static Stream<Path> path(String text) {
    try {
      return Stream.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }
}
