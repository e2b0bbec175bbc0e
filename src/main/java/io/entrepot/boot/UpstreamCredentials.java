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

/** Opens where the upstream's credentials come from. */
final class UpstreamCredentials {
  private final Supplier<Settings> again;
  private final Clock clock;

  /**
   * @param again reads the settings anew, when credentials that stand in them were refused
   */
  UpstreamCredentials(Supplier<Settings> again, Clock clock) {
    this.again = again;
    this.clock = clock;
  }

  /**
   * Opens the source that the settings name; a helper is found but not run yet.
   *
   * @param url the upstream's own or a mirror's, which gets nothing but what is meant for it (S1)
   * @throws StartException where it cannot be used, by the name of its setting
   */
  CredentialSource open(Settings.Upstream upstream, URI url) {
    Access access = upstream.login().access();
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

  /** What the settings say now; an upstream that is no longer in them leaves what it had. */
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

  /** Those that stand in the settings themselves. */
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
