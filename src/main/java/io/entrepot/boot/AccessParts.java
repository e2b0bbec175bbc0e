package io.entrepot.boot;

import io.entrepot.access.AccessRules;
import io.entrepot.access.Audit;
import io.entrepot.access.Authenticator;
import io.entrepot.access.ContainerLogins;
import io.entrepot.access.CurrentRules;
import io.entrepot.access.Htpasswd;
import io.entrepot.access.LoginOrder;
import io.entrepot.access.Logins;
import io.entrepot.access.TokenIssuer;
import io.entrepot.access.TokenKeys;
import io.entrepot.config.AccessRuleSyntax;
import io.entrepot.config.Settings;
import io.entrepot.http.AccessControl;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/** Makes what decides who may pull, from the settings. */
final class AccessParts {
  /** The caches that share one share of the memory. */
  private static final int CACHES = 6;

  private final Settings settings;
  private final MemoryBudget memory;
  private final Clock clock;
  private final Audit audit;

  AccessParts(Settings settings, MemoryBudget memory, Audit audit, Clock clock) {
    this.settings = settings;
    this.memory = memory.forOneOf(CACHES);
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Makes it, if a setting asks for it.
   *
   * @param executor checks passwords
   * @throws StartException if a file cannot be used; the message has the setting
   */
  Optional<AccessControl> control(DataFolder folder, Executor executor) {
    return settings.protection().map(protection -> control(protection, folder, executor));
  }

  private AccessControl control(
      Settings.Protection protection, DataFolder folder, Executor executor) {
    List<String> problems = new ArrayList<>();
    CurrentRules rules = rules(protection, problems);
    Authenticator users =
        new LoginOrder(passwords(protection.passwords(), rules, executor, problems));
    if (!problems.isEmpty()) {
      throw new StartException(String.join(System.lineSeparator(), problems));
    }
    Logins logins =
        new Logins(users, protection.ways(), tokens(protection, folder), audit, memory, clock);
    Set<String> hosts =
        settings.upstreams().all().stream()
            .flatMap(upstream -> upstream.names().hosts().stream())
            .collect(Collectors.toSet());
    AccessControl.Places places =
        new AccessControl.Places(
            protection.realm(), settings.http().host(), hosts, protection.tokens().lenient());
    return new AccessControl(logins, rules, audit, places);
  }

  /** The ways to log in by a password, in the order in which they are asked. */
  private List<Authenticator> passwords(
      Settings.Passwords passwords, CurrentRules rules, Executor executor, List<String> problems) {
    List<Authenticator> ways = new ArrayList<>();
    if (passwords.htpasswd().isPresent()) {
      try {
        ways.add(Htpasswd.open(passwords.htpasswd().get(), executor, memory, clock));
      } catch (IOException e) {
        problems.add("auth.htpasswd.path: " + e.getMessage());
      }
    }
    if (passwords.container()) {
      ways.add(new ContainerLogins(rules::now, memory, clock));
    }
    return ways;
  }

  private CurrentRules rules(Settings.Protection protection, List<String> problems) {
    Optional<Path> file = protection.ruleFile();
    if (file.isPresent()) {
      try {
        return CurrentRules.of(
            protection.rules(), file.get(), lines -> parse(protection.syntax(), lines), clock);
      } catch (IOException e) {
        problems.add("accessfile: " + e.getMessage());
      }
    }
    return CurrentRules.of(protection.rules());
  }

  private static AccessRules parse(AccessRuleSyntax syntax, List<String> lines) throws IOException {
    List<String> problems = new ArrayList<>();
    AccessRules rules =
        syntax.parseLines(lines, (line, why) -> problems.add("line " + line + ": " + why));
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
    return rules;
  }

  private TokenIssuer tokens(Settings.Protection protection, DataFolder folder) {
    try {
      TokenKeys keys =
          TokenKeys.open(folder.path("token-keys.json"), protection.tokens().lifetime(), clock);
      String id = folder.id().orElseThrow(() -> new IOException("the folder has no id"));
      return new TokenIssuer(keys, id, protection.tokens().lifetime(), memory, clock);
    } catch (IOException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the keys for tokens cannot be used: " + e.getMessage(),
          e);
    }
  }
}
