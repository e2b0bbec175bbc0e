package io.entrepot.boot;

import io.entrepot.config.Settings;
import io.entrepot.oci.RepositoryName;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What differs from upstream to upstream, by the name that a repository has here. Immutable.
 *
 * @param fallback the default upstream's
 * @param named the others', by the first component of their repositories' names
 */
record ByUpstream<T>(T fallback, Map<String, T> named) implements Function<RepositoryName, T> {
  ByUpstream {
    named = Map.copyOf(named);
  }

  static <T> ByUpstream<T> of(Settings settings, Function<Settings.Upstream, T> made) {
    return new ByUpstream<>(
        made.apply(settings.proxy()),
        settings.upstreams().stream()
            .collect(Collectors.toMap(upstream -> upstream.names().name(), made)));
  }

  @Override
  public T apply(RepositoryName repository) {
    return named.getOrDefault(repository.firstComponent(), fallback);
  }
}
