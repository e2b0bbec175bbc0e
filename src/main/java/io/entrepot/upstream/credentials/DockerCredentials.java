package io.entrepot.upstream.credentials;

import io.entrepot.files.WatchedFile;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The credentials for an upstream in Docker's {@code config.json}. The file is read again when it
 * changes. Where it names a helper, that is asked first. Where the helper has none, the credentials
 * in the file itself are used. Thread-safe.
 */
public final class DockerCredentials implements CredentialSource {
  private static final Logger LOG = LoggerFactory.getLogger(DockerCredentials.class);

  private final WatchedFile<DockerConfig> file;
  private final Helpers helpers;
  private @Nullable DockerConfig seen;
  private @Nullable HelperCredentials helper;

  private DockerCredentials(WatchedFile<DockerConfig> file, Helpers helpers) {
    this.file = file;
    this.helpers = helpers;
  }

  /**
   * Reads the file for the first time, and finds the helper that it names, which is not run yet.
   *
   * @throws IOException where the file or the helper cannot be used; the message says which
   */
  public static DockerCredentials open(Path path, URI upstream, Helpers helpers)
      throws IOException {
    WatchedFile<DockerConfig> file =
        new WatchedFile<>(
            path, DockerConfig.MAX_BYTES, content -> DockerConfig.parse(content, upstream));
    DockerCredentials source = new DockerCredentials(file, helpers);
    source.follow(file.get());
    return source;
  }

  @Override
  public Credentials current() throws UpstreamException {
    DockerConfig config = file.get();
    HelperCredentials asked = helper(config);
    return asked == null ? config.stored() : or(asked.current(), config);
  }

  @Override
  public Credentials renew(Credentials refused) throws UpstreamException {
    DockerConfig config = file.reread();
    HelperCredentials asked = helper(config);
    return asked == null || refused.equals(config.stored())
        ? config.stored()
        : or(asked.renew(refused), config);
  }

  private static Credentials or(Credentials answer, DockerConfig config) {
    return answer instanceof Credentials.Anonymous ? config.stored() : answer;
  }

  @Override
  public synchronized boolean isAnonymous() {
    DockerConfig config = file.get();
    return config.helper().isEmpty() && config.stored() instanceof Credentials.Anonymous;
  }

  private @Nullable HelperCredentials helper(DockerConfig config) throws UpstreamException {
    try {
      return follow(config);
    } catch (IOException e) {
      throw new UpstreamException(
          UpstreamException.Failure.UNREACHABLE,
          "no credentials for " + config.server() + ": " + e.getMessage(),
          null,
          e);
    }
  }

  /** The helper that the file names now. It keeps its answer while the name stays the same. */
  private synchronized @Nullable HelperCredentials follow(DockerConfig config) throws IOException {
    DockerConfig before = seen;
    if (config.equals(before)) {
      return helper;
    }
    if (before == null || !before.helper().equals(config.helper())) {
      helper = config.helper().isEmpty() ? null : helpers.open(config.helper(), config.server());
    }
    seen = config;
    if (config.helper().isEmpty() && config.stored() instanceof Credentials.Anonymous) {
      LOG.warn("There are no credentials for {} in {}", config.server(), file.path());
    }
    return helper;
  }
}
