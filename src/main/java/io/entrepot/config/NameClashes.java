package io.entrepot.config;

import io.entrepot.routing.Names;
import java.net.URI;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reports names and hosts that would select two upstreams. Two upstreams may share a host if their
 * paths differ: then the path of a request decides. They may be the same registry too, such as with
 * two logins: then its host means one of them, and a warning says which.
 */
final class NameClashes {
  private final Findings findings;
  private final Map<String, Settings.Upstream> names = new HashMap<>();
  private final Map<String, Settings.Upstream> hosts = new HashMap<>();
  private final Set<String> registries = new HashSet<>();

  NameClashes(Findings findings) {
    this.findings = findings;
  }

  void report(Settings.Upstream proxy, List<Settings.Upstream> others) {
    List<Settings.Upstream> all =
        Stream.concat(Stream.of(proxy), others.stream())
            .sorted(Comparator.comparing(Settings.Upstream::names, Names.FIRST_TO_HAVE_ITS_HOST))
            .toList();
    all.forEach(this::report);
    all.forEach(this::reportNameOfOtherHost);
  }

  /** A name that means one registry, while another upstream is a part of a registry there. */
  private void reportNameOfOtherHost(Settings.Upstream upstream) {
    String registry = upstream.names().part().map(Names.Part::registry).orElse("");
    Settings.Upstream other = names.get(registry);
    if (other != null && !registries.contains(registry)) {
      findings.problem(
          upstream.key() + "*",
          "%s is the host of its URL and the name of another registry: see %s*"
              .formatted(registry, other.key()));
    }
  }

  private void report(Settings.Upstream upstream) {
    if (upstream.names().part().isEmpty()) {
      registries.add(upstream.url().getRawAuthority());
    }
    reportNames(upstream);
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

  private void reportNames(Settings.Upstream upstream) {
    Settings.Upstream same = null;
    for (String name : upstream.names().namespaces().stream().sorted().toList()) {
      Settings.Upstream other = names.get(name);
      if (other == null || name.equals(upstream.names().name()) || !areSame(other, upstream)) {
        report(names, name, upstream, "two upstreams have the name ");
      } else {
        same = other;
      }
    }
    if (same != null) {
      findings.warning(
          "%s* is the same registry as %s*, which its host means; %s is chosen by this name: in ns=,"
                  .formatted(upstream.key(), same.key(), upstream.names().name())
              + " in front of the path, or by a host of its own");
    }
  }

  private static boolean areSame(Settings.Upstream one, Settings.Upstream other) {
    URI url = one.url();
    return url.getRawAuthority().equals(other.url().getRawAuthority())
        || (UpstreamReader.isHub(url) && UpstreamReader.isHub(other.url()));
  }

  private void report(
      Map<String, Settings.Upstream> taken, String name, Settings.Upstream upstream, String what) {
    Settings.Upstream other = taken.putIfAbsent(name, upstream);
    if (other != null) {
      findings.problem(
          upstream.key() + "*",
          "%s%s: the other one is %s*; give them different ones"
              .formatted(what, name, other.key()));
    }
  }
}
