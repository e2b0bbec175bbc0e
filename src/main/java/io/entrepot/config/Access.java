package io.entrepot.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** How this cache proves to the upstream who it is. Shows no secret. */
public sealed interface Access {
  /** For people, in a sentence such as "we come as …". */
  String who();

  /** Not at all. */
  record Anonymous() implements Access {
    @Override
    public String who() {
      return "nobody in particular";
    }
  }

  /** By a password that stands in the settings. */
  record Password(Login login) implements Access {
    @Override
    public String who() {
      return login.username();
    }
  }

  /** By an OAuth2 refresh token that stands in the settings. */
  record IdentityToken(Secret token) implements Access {
    @Override
    public String who() {
      return "an identity token";
    }
  }

  /**
   * By a password in a file of its own.
   *
   * @param file absolute; it was there when the settings were read
   */
  record PasswordFile(String username, Path file) implements Access {
    @Override
    public String who() {
      return username;
    }
  }

  /**
   * As Docker does.
   *
   * @param file its {@code config.json}, absolute; it was there when the settings were read
   * @param helpers how the helpers are run that it may name
   */
  record DockerConfig(Path file, Helpers helpers) implements Access {
    @Override
    public String who() {
      return "who Docker would come as";
    }
  }

  /**
   * By what a credential helper of Docker's says.
   *
   * @param name without {@code docker-credential-}
   */
  record HelperProgram(String name, Helpers helpers) implements Access {
    @Override
    public String who() {
      return "who docker-credential-" + name + " says";
    }
  }

  /**
   * How credential helpers are run.
   *
   * @param folders where the programs are, absolute
   * @param timeout 1 s to 5 min, then it is killed
   * @param lifetime 1 s to 7 d, then it is asked again
   */
  record Helpers(List<Path> folders, Duration timeout, Duration lifetime) {}
}
