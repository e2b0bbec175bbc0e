package io.entrepot.upstream.credentials;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * How credential helpers are found and run.
 *
 * @param folders where the programs are, absolute, searched in this order
 * @param timeout how long one may take, more than zero; then it is killed
 * @param age how old an answer may become before another is asked for, more than zero
 * @param clock dates answers
 */
public record Helpers(List<Path> folders, Duration timeout, Duration age, Clock clock) {
  public Helpers {
    folders = List.copyOf(folders);
  }

  /**
   * Finds a helper by its name; it is not run yet.
   *
   * @param name without {@code docker-credential-}
   * @param upstream the registry that it will be asked about
   * @throws IOException where there is none
   */
  public CredentialSource open(String name, URI upstream) throws IOException {
    return open(name, DockerConfig.server(upstream));
  }

  HelperCredentials open(String name, String server) throws IOException {
    return new HelperCredentials(HelperProgram.find(name, folders, timeout), server, age, clock);
  }
}
