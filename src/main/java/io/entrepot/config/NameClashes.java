package io.entrepot.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reports names and hosts that would select two upstreams. */
final class NameClashes {
  private final Findings findings;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> hosts = new HashMap<>();

  NameClashes(Findings findings) {
    this.findings = findings;
  }

  void report(Settings.Upstream proxy, List<Settings.Upstream> others) {
    report(proxy);
    others.forEach(this::report);
  }

  private void report(Settings.Upstream upstream) {
    for (String name : upstream.names().namespaces().stream().sorted().toList()) {
      report(names, name, upstream, "two upstreams have the name ");
    }
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
