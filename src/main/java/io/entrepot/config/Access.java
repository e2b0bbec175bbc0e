package io.entrepot.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The way in which this cache logs in to an upstream. Its text form contains no secret. */
public sealed interface Access {
  /** A description of the credentials for the log. */
  String who();

  /** Without credentials. */
  record Anonymous() implements Access {
    @Override
    public String who() {
      return "none";
    }
  }

  /**
   * With those of each client.
   *
   * @param lifetime how long the upstream's word about a client counts, 1 s to 1 h
   */
  record OfClients(Duration lifetime) implements Access {
    @Override
    public String who() {
      return "those of each client";
    }
  }

  /** With a user name and a password from the settings. */
  record Password(Login login) implements Access {
    @Override
    public String who() {
      return "user " + login.username();
    }
  }

  /** With an OAuth2 refresh token from the settings. */
  record IdentityToken(Secret token) implements Access {
    @Override
    public String who() {
      return "an identity token";
    }
  }

  /**
   * With a user name from the settings and a password from a file.
   *
   * @param username the user name
   * @param file the absolute path of the file; it existed when the settings were read
   */
  record PasswordFile(String username, Path file) implements Access {
    @Override
    public String who() {
      return "user " + username;
    }
  }

  /**
   * With the credentials of a Docker configuration.
   *
   * @param file the absolute path of {@code config.json}; it existed when the settings were read
   * @param helpers how to run the credential helpers that the file may name
   */
  record DockerConfig(Path file, Helpers helpers) implements Access {
    @Override
    public String who() {
      return "those of Docker's configuration";
    }
  }

  /**
   * With the credentials that a Docker credential helper returns.
   *
   * @param name the name of the helper, without {@code docker-credential-}
   * @param helpers how to run it
   */
  record HelperProgram(String name, Helpers helpers) implements Access {
    @Override
    public String who() {
      return "those of docker-credential-" + name;
    }
  }

  /**
   * How to run credential helpers.
   *
   * @param folders the folders with the programs, absolute paths
   * @param timeout after this time a helper is killed, 1 s to 5 min
   * @param lifetime after this time a helper is run again, 1 s to 7 d
   */
  record Helpers(List<Path> folders, Duration timeout, Duration lifetime) {}
}
