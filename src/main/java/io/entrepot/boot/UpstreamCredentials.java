package io.entrepot.boot;

import io.entrepot.config.Access;
import io.entrepot.config.Settings;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.credentials.DockerCredentials;
import io.entrepot.upstream.credentials.Helpers;
import io.entrepot.upstream.credentials.PasswordFile;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.function.Supplier;

/** Opens the sources of the credentials for upstreams. */
final class UpstreamCredentials {
  private final Supplier<Settings> again;
  private final Clock clock;

  /**
   * Makes the opener.
   *
   * @param again reads the settings again, after the upstream has refused credentials of the
   *     settings
   * @param clock the current time
   */
  UpstreamCredentials(Supplier<Settings> again, Clock clock) {
    this.again = again;
    this.clock = clock;
  }

  /**
   * Opens the source that the settings name. A credential helper is found, but not run yet.
   *
   * @param upstream the settings of the upstream
   * @param url the URL of the upstream or of a mirror. A mirror gets only credentials that the
   *     Docker configuration has for it (S1).
   * @throws StartException if the source cannot be used; the message names the setting
   */
  CredentialSource open(Settings.Upstream upstream, URI url) {
    Access access = upstream.login().access();
    if (access instanceof Access.OfClients) {
      return CredentialSource.ofClients();
    }
    if (!url.equals(upstream.url()) && !(access instanceof Access.DockerConfig)) {
      return CredentialSource.ANONYMOUS;
    }
    String key = "";
    try {
      if (access instanceof Access.PasswordFile file) {
        key = upstream.key() + "passwordfile";
        return PasswordFile.open(file.username(), file.file());
      }
      if (access instanceof Access.DockerConfig config) {
        key = upstream.key() + "dockerconfig";
        return DockerCredentials.open(config.file(), url, helpers(config.helpers()));
      }
      if (access instanceof Access.HelperProgram helper) {
        key = upstream.key() + "exec.command";
        return helpers(helper.helpers()).open(helper.name(), url);
      }
    } catch (IOException e) {
      throw new StartException(key + ": " + e.getMessage(), e);
    }
    Credentials given = given(access);
    return given instanceof Credentials.Anonymous
        ? CredentialSource.ANONYMOUS
        : new GivenCredentials(given, () -> given(accessAgain(upstream.key())), clock);
  }

  /**
   * Reads the settings again. If the upstream is not in them any more, the result is anonymous, and
   * {@link GivenCredentials} keeps the old credentials.
   */
  private Access accessAgain(String key) {
    return again.get().upstreams().all().stream()
        .filter(upstream -> upstream.key().equals(key))
        .findFirst()
        .map(upstream -> upstream.login().access())
        .orElseGet(Access.Anonymous::new);
  }

  private Helpers helpers(Access.Helpers helpers) {
    return new Helpers(helpers.folders(), helpers.timeout(), helpers.lifetime(), clock);
  }

  /** The credentials that are written in the settings. */
  private static Credentials given(Access access) {
    if (access instanceof Access.Password password) {
      return new Credentials.Password(
          password.login().username(), password.login().password().reveal());
    }
    return access instanceof Access.IdentityToken identity
        ? new Credentials.IdentityToken(identity.token().reveal())
        : Credentials.ANONYMOUS;
  }
}
