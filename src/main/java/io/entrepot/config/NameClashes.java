package io.entrepot.config;

import io.entrepot.routing.Names;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reports names and hosts that would select two upstreams. Two upstreams may share a host if their
 * paths differ: then the path of a request decides.
 */
final class NameClashes {
  private final Findings findings;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> hosts = new HashMap<>();
  private final Set<String> registries = new HashSet<>();

  NameClashes(Findings findings) {
    this.findings = findings;
  }

  void report(Settings.Upstream proxy, List<Settings.Upstream> others) {
    report(proxy);
    others.forEach(this::report);
    Stream.concat(Stream.of(proxy), others.stream()).forEach(this::reportNameOfOtherHost);
  }

  /** A name that means one registry, while another upstream is a part of a registry there. */
  private void reportNameOfOtherHost(Settings.Upstream upstream) {
    upstream
        .names()
        .part()
        .map(Names.Part::registry)
        .filter(names::containsKey)
        .filter(registry -> !registries.contains(registry))
        .ifPresent(
            registry ->
                findings.problem(
                    upstream.key() + "*",
                    "%s is the host of its URL and the name of another registry: see %s*"
                        .formatted(registry, names.get(registry))));
  }

  private void report(Settings.Upstream upstream) {
    if (upstream.names().part().isEmpty()) {
      registries.add(upstream.url().getRawAuthority());
    }
    for (String name : upstream.names().namespaces().stream().sorted().toList()) {
      report(names, name, upstream, "two upstreams have the name ");
    }
    upstream
        .names()
        .part()
        .ifPresent(
            part ->
                report(
                    names,
                    part.registry() + "/" + part.path(),
                    upstream,
                    "two upstreams have the URL "));
    for (String host : upstream.names().hosts().stream().sorted().toList()) {
      report(hosts, host, upstream, "two upstreams have the host ");
    }
  }

  private void report(
      Map<String, String> taken, String name, Settings.Upstream upstream, String what) {
    String other = taken.putIfAbsent(name, upstream.key());
    if (other != null) {
      findings.problem(
          upstream.key() + "*",
          "%s%s: the other one is %s*; give them different ones".formatted(what, name, other));
    }
  }
}
