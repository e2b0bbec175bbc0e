package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins by an LDAP directory: users, groups, what is never sent, and a directory that is down. */
class LdapLoginsTest {
  private static final String SUFFIX = "dc=example,dc=com";
  private static final String READER = "cn=reader," + SUFFIX;
  private static final ServerRealm REALM = (login, asked) -> Optional.empty();
  private static final Outcome ANN =
      new Outcome.Known(new Principal("ldap", "ann", Set.of("ops", "Domain Users")));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final List<String> binds = new CopyOnWriteArrayList<>();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private AccessRules rules = rules("ops", "dev", "Domain Users");
  private InMemoryDirectoryServer directory;
  private LdapLogins logins;

  /** Notes who binds, but for the account that searches. */
  private final class Binds extends InMemoryOperationInterceptor {
    @Override
    public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest bind)
        throws LDAPException {
      String dn = bind.getRequest().getBindDN();
      if (!dn.equals(READER)) {
        binds.add(dn);
      }
      if (dn.startsWith("uid=locked,")) {
        throw new LDAPException(ResultCode.CONSTRAINT_VIOLATION, "locked");
      }
      if (dn.startsWith("uid=busy,")) {
        throw new LDAPException(ResultCode.BUSY, "busy");
      }
    }
  }

  private static AccessRules rules(String... groups) {
    return new AccessRules(
        List.of(groups).stream()
            .map(
                group ->
                    new AccessRule(group, new Who.Group("", group), Set.of(Right.PULL), List.of()))
            .toList());
  }

  @BeforeEach
  void start() throws Exception {
    directory = directory(InMemoryListenerConfig.createLDAPConfig("plain"));
    logins = logins(place(LdapPlace.Security.NONE, "127.0.0.1", List.of()), Runnable::run);
  }

  private InMemoryDirectoryServer directory(InMemoryListenerConfig listener) throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(SUFFIX);
    config.addAdditionalBindCredentials(READER, "reader-pw");
    config.setListenerConfigs(listener);
    config.addInMemoryOperationInterceptor(new Binds());
    config.setSchema(null);
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    server.add("dn: " + SUFFIX, "objectClass: domain", "dc: example");
    server.add("dn: ou=people," + SUFFIX, "objectClass: organizationalUnit", "ou: people");
    server.add("dn: ou=groups," + SUFFIX, "objectClass: organizationalUnit", "ou: groups");
    for (String user : List.of("ann", "locked", "busy", "a*(n)\\")) {
      server.add(
          "dn: uid=" + user.replace("\\", "\\\\") + ",ou=people," + SUFFIX,
          "objectClass: person",
          "uid: " + user,
          "userPassword: right");
    }
    for (String group : List.of("OPS", "Domain Users", "private")) {
      server.add(
          "dn: cn=" + group + ",ou=groups," + SUFFIX,
          "objectClass: groupOfNames",
          "cn: " + group,
          "member: uid=ann,ou=people," + SUFFIX);
    }
    server.startListening();
    return server;
  }

  private LdapPlace place(
      LdapPlace.Security security, String host, List<X509Certificate> authorities) {
    return new LdapPlace(
        host,
        directory.getListenPort(),
        security,
        authorities,
        new LdapPlace.Account(READER, "reader-pw"),
        new LdapPlace.Users("ou=people," + SUFFIX, "(uid={0})"),
        new LdapPlace.Groups("ou=groups," + SUFFIX, "(member={0})", "cn"));
  }

  private LdapLogins logins(LdapPlace place, Executor executor) throws Exception {
    return new LdapLogins(
        place,
        () -> rules,
        new LdapLogins.Workers(executor, timer),
        new MemoryBudget(128L << 20),
        clock);
  }

  @AfterEach
  void stop() {
    logins.close();
    directory.shutDown(true);
    timer.shutdownNow();
  }

  private Outcome login(String user, String password) {
    return logins.authenticate(new PasswordLogin(user, password), REALM).join();
  }

  @Test
  void userIsSearchedAndHasTheGroupsThatRulesName() {
    assertThat(login("ann", "right")).isEqualTo(ANN);
    assertThat(login("ann", "right")).isEqualTo(ANN);
    assertThat(binds).as("remembered").containsExactly("uid=ann,ou=people," + SUFFIX);

    clock.advance(Duration.ofSeconds(61));
    rules = rules("dev");
    assertThat(login("ann", "right"))
        .isEqualTo(new Outcome.Known(new Principal("ldap", "ann", Set.of())));
    assertThat(binds).hasSize(2);
  }

  @Test
  void unknownUsersBindNobody() {
    assertThat(login("eve", "right")).isInstanceOf(Outcome.NoSuchUser.class);
    assertThat(binds).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a*", "ann)(uid=*", "*)(|(uid=*", "\\2a", "ann\u0000", "(", "\\"})
  void userNameIsNoFilter(String user) {
    assertThat(login(user, "right")).isInstanceOf(Outcome.NoSuchUser.class);
    assertThat(binds).isEmpty();
  }

  @Test
  void charactersOfFiltersMayBeInAName() {
    assertThat(login("a*(n)\\", "right")).isInstanceOf(Outcome.Known.class);
  }

  @Test
  void emptyPasswordIsNeverABind() {
    assertThat(login("ann", "")).isInstanceOf(Outcome.Wrong.class);
    assertThat(login("", "right")).isInstanceOf(Outcome.Wrong.class);
    assertThat(binds).isEmpty();
  }

  @Test
  void wrongPasswordsReachAnAccountThreeTimesAnHourHoweverItsNameIsWritten() {
    for (String user : List.of("ann", "ANN", "Ann")) {
      assertThat(login(user, "guess")).isInstanceOf(Outcome.Wrong.class);
    }
    assertThat(login("aNN", "guess")).isInstanceOf(Outcome.TooMany.class);
    assertThat(login("ann", "right")).isInstanceOf(Outcome.TooMany.class);
    assertThat(binds).hasSize(3);
    clock.advance(Duration.ofHours(1));
    assertThat(login("ann", "right")).isEqualTo(ANN);
  }

  @Test
  void lockedAccountIsWrongAndABusyDirectoryIsUnavailable() {
    assertThat(login("locked", "right")).isInstanceOf(Outcome.Wrong.class);
    for (int i = 0; i < 5; i++) {
      assertThat(login("busy", "right")).isInstanceOf(Outcome.Unavailable.class);
    }
    assertThat(binds).hasSize(6);
  }

  @Test
  void absentDirectoryIsUnavailableAndNoFailureOfTheUser() throws Exception {
    directory.shutDown(true);
    for (int i = 0; i < 5; i++) {
      assertThat(login("ann", "right")).isInstanceOf(Outcome.Unavailable.class);
    }
    directory.startListening();
    assertThat(login("ann", "right")).isEqualTo(ANN);
  }

  @Test
  void clientWaitsNoLongerThanTheDeadline() throws Exception {
    ScheduledThreadPoolExecutor alarms = new ScheduledThreadPoolExecutor(1);
    List<Runnable> waiting = new CopyOnWriteArrayList<>();
    try (LdapLogins slow =
        new LdapLogins(
            place(LdapPlace.Security.NONE, "127.0.0.1", List.of()),
            () -> rules,
            new LdapLogins.Workers(waiting::add, alarms),
            new MemoryBudget(128L << 20),
            clock)) {
      CompletableFuture<Outcome> answer =
          slow.authenticate(new PasswordLogin("ann", "right"), REALM);
      assertThat(answer).isNotDone();
      RunnableScheduledFuture<?> alarm = (RunnableScheduledFuture<?>) alarms.getQueue().peek();
      assertThat(Duration.ofMillis(alarm.getDelay(TimeUnit.MILLISECONDS)))
          .isLessThanOrEqualTo(Duration.ofSeconds(5));
      alarm.run();
      assertThat(answer.join()).isInstanceOf(Outcome.Unavailable.class);
      assertThat(waiting).hasSize(1);
    } finally {
      alarms.shutdownNow();
    }
  }

  @Test
  void tooManyLoginsAtOnceAreBusy() throws Exception {
    try (LdapLogins full =
        logins(
            place(LdapPlace.Security.NONE, "127.0.0.1", List.of()),
            task -> {
              throw new RejectedExecutionException();
            })) {
      assertThat(full.authenticate(new PasswordLogin("ann", "right"), REALM).join())
          .isInstanceOf(Outcome.Busy.class);
    }
  }

  @Test
  void tlsIsVerifiedByOurAuthorityAndTheHostName() throws Exception {
    FakeCertificate certificate = FakeCertificate.create(folder, "ldap", "ip:127.0.0.1");
    for (LdapPlace.Security security :
        List.of(LdapPlace.Security.TLS, LdapPlace.Security.STARTTLS)) {
      directory.shutDown(true);
      var sockets = certificate.server();
      directory =
          directory(
              security == LdapPlace.Security.TLS
                  ? InMemoryListenerConfig.createLDAPSConfig(
                      "tls", sockets.getServerSocketFactory())
                  : InMemoryListenerConfig.createLDAPConfig(
                      "starttls", null, 0, sockets.getSocketFactory()));
      assertThat(outcome(place(security, "127.0.0.1", List.of(certificate.certificate()))))
          .as("%s", security)
          .isEqualTo(ANN);
      assertThat(outcome(place(security, "127.0.0.1", List.of())))
          .as("%s without the authority", security)
          .isInstanceOf(Outcome.Unavailable.class);
      assertThat(outcome(place(security, "localhost", List.of(certificate.certificate()))))
          .as("%s with another name", security)
          .isInstanceOf(Outcome.Unavailable.class);
    }
  }

  private Outcome outcome(LdapPlace place) throws Exception {
    try (LdapLogins one = logins(place, Runnable::run)) {
      return one.authenticate(new PasswordLogin("ann", "right"), REALM).join();
    }
  }
}
