package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.naming.NamingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsProblemsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http.addr | localhost | host:port (write 127.0.0.1:5000, [::1]:5000 or :5000)",
        "http.addr | localhost:65536 | host:port (a port is at most 65535)",
        "http.adminaddr | :0 | host:port (a port of its own, not 0 and not that of http.addr)",
        "http.adminaddr | [::1]:5000 | host:port (a port of its own, not 0 and not that of"
            + " http.addr)",
        "http.adminport | 0 | integer 1..65535",
        "http.host | hub.example | http or https URL of host and port (it must begin with http or"
            + " https)",
        "http.draintimeout | 61m | duration 0s..1h",
        "http.patience | 0s | duration 1s..1h",
        "http.maxperclient | -1 | integer 0..10000",
        "proxy.remoteurl | https://ghcr.io/v2/ | http or https URL of a registry (leave /v2"
            + " out: it is added where it belongs)",
        "proxy.username | a:b | user name (without a colon)",
        "proxy.passwordfile | /no/such/file | path (there is no such file)",
        "proxy.passwordfile | / | path (it is not a file)",
        "proxy.dockerconfig | /no/such/file | path (there is no such file)",
        "proxy.exec.command | /usr/bin/docker-credential-x | docker-credential-NAME (the program's"
            + " name, without folder or options)",
        "proxy.exec.command | docker-credential-x get | docker-credential-NAME (the program's name,"
            + " without folder or options)",
        "proxy.exec.lifetime | 0 | duration 1s..7d",
        "proxy.exec.timeout | 6m | duration 1s..5m",
        "proxy.exec.path | bin | list of absolute paths (not a relative path)",
        "proxy.anonymousfallback | yes | true or false",
        "proxy.ttl | 168 | duration (add a unit, such as s or h: a bare number is not taken as"
            + " nanoseconds here)",
        "proxy.ttl | -1h | duration (it must not be negative)",
        "proxy.ttl | 36501d | duration (at most 36500d)",
        "proxy.ttl | PT | duration (not ISO-8601 such as PT1H30M)",
        "proxy.expire | never | after-use or after-fetch",
        "proxy.revalidate | soon | duration (whole numbers with the units d, h, m, s, ms in this"
            + " order, such as 168h or 1h30m)",
        "proxy.realms | http://auth.example | list of https URLs of host and port (credentials are"
            + " sent only over https, except to this machine)",
        "proxy.keepdeleted | yes | true or false",
        "proxy.deadline | 0 | duration 1ms..1h",
        "proxy.connecttimeout | 2h | duration 1ms..1h",
        "proxy.responsetimeout | 0s | duration 1ms..1h",
        "proxy.idletimeout | 0s | duration 1ms..1h",
        "proxy.maxfills | 0 | integer 1..1024",
        "proxy.maxfills | 1025 | integer 1..1024",
        "proxy.maxfills | 1.0 | integer 1..1024",
        "proxy.maxfills | 99999999999 | integer 1..1024",
        "proxy.maxconnections | 8 | integer 9..10000",
        "outbound.host | http://p.example | host name (no scheme, no port)",
        "outbound.host | .p.example | host name (one host, without wildcards)",
        "outbound.port | 0 | integer 1..65535",
        "outbound.port | 65536 | integer 1..65535",
        "outbound.username | a:b | user name (without a colon)",
        "outbound.noproxy | 10.0.0.0/8 | list of host names, .suffixes or * (no scheme, no port, no"
            + " network mask)",
        "auth.ldap.url | http://l.example | URL of an LDAP server (such as ldaps://ldap.example.com)",
        "auth.ldap.url | ldap://l.example/dc=x | URL of an LDAP server (such as"
            + " ldaps://ldap.example.com)",
        "auth.ldap.userbase | people | distinguished name (such as ou=people,dc=example,dc=com)",
        "auth.ldap.userfilter | (uid={0} | LDAP filter (such as (uid={0}))",
        "auth.ldap.userfilter | (uid=ann) | LDAP filter (with {0}, or it finds the same for"
            + " everybody)",
        "auth.ldap.groupname | c n | name of an attribute (such as cn)",
        "storage.reserve | 10Gi | size (a whole number with a unit of B, KB, MB, GB, TB, KiB, MiB,"
            + " GiB, TiB, such as 200GiB)",
        "storage.reserve | -1 | size (it must not be negative)",
        "storage.reserve | 8388608TiB | size (too large, at most 8388607TiB)",
        "storage.unlinkgrace | 2h | duration 0s..1h",
        "expiry.maxpersecond | 0 | integer 1..100000",
        "import.dir | /no/such/folder | path (there is no such folder)",
        "threadfactory | ldap://evil.example/x | JNDI name (such as jdbc/entrepot or"
            + " java:/jdbc/entrepot)",
        "datasource | ldap://evil.example/x | JNDI name (such as jdbc/entrepot or"
            + " java:/jdbc/entrepot)",
      })
  void badValueIsNamedWithItsSourceAndWhatIsExpected(String key, String value, String expected) {
    String variable = "ENTREPOT_" + key.toUpperCase(Locale.ROOT).replace('.', '_');
    assertThat(problems(new GivenSources().environment(variable, value)))
        .contains(
            "%s: environment %s is \"%s\"; expected %s".formatted(key, variable, value, expected));
  }

  @Test
  void lenientIsRefusedBesideARealmThatDoesNotTellUnknownUsers() {
    assertThat(
            problems(
                new GivenSources()
                    .environment("ENTREPOT_AUTH_CONTAINER", "true")
                    .environment("ENTREPOT_AUTH_LENIENT", "true")))
        .containsExactly(
            "auth.lenient: the server's realm does not tell unknown users from wrong passwords, so"
                + " that it cannot be given by environment ENTREPOT_AUTH_LENIENT beside"
                + " auth.container");
  }

  @Test
  void directoryIsRefusedBesideTheServersRealmAndWithoutUsers() {
    assertThat(
            problems(
                new GivenSources()
                    .environment("ENTREPOT_AUTH_CONTAINER", "true")
                    .environment("ENTREPOT_AUTH_LDAP_URL", "ldaps://l.example")))
        .containsExactlyInAnyOrder(
            "auth.ldap.url: give only one of it and auth.container: the server's realm can ask the"
                + " directory itself",
            "auth.ldap.userbase: it is missing, but auth.ldap.url is given by environment"
                + " ENTREPOT_AUTH_LDAP_URL; give both or neither");
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    GivenSources sources =
        new GivenSources()
            .bind("java:comp/env/entrepot/proxy/ttl", "soon")
            .property("entrepot.proxy.maxfills", "many")
            .environment("ENTREPOT_PROXY_EXPIRE", "never")
            .file(folder, "# mine\nstorage:\n  reserve: much\nproxi: {ttl: 1h}\n");
    String file = folder.resolve("config.yml").toString();
    ConfigurationException thrown =
        catchThrowableOfType(ConfigurationException.class, sources::read);
    assertThat(thrown.problems())
        .satisfiesExactlyInAnyOrder(
            one ->
                assertThat(one).startsWith("proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is"),
            one ->
                assertThat(one)
                    .startsWith("proxy.maxfills: system property entrepot.proxy.maxfills is"),
            one -> assertThat(one).startsWith("proxy.expire: environment ENTREPOT_PROXY_EXPIRE is"),
            one -> assertThat(one).startsWith("storage.reserve: " + file + " line 3 is \"much\""),
            one -> assertThat(one).startsWith("proxi.ttl: " + file + " line 4: unknown setting"));
    assertThat(thrown).hasMessage(String.join("\n", thrown.problems()));
  }

  @Test
  void userNameAndPasswordGoTogether() {
    assertThat(problems(new GivenSources().environment("ENTREPOT_PROXY_USERNAME", "me")))
        .containsExactly(
            "proxy.password: it is missing, but proxy.username is given by environment"
                + " ENTREPOT_PROXY_USERNAME; give both or neither");
    assertThat(problems(new GivenSources().environment("ENTREPOT_PROXY_PASSWORD", "x")))
        .containsExactly(
            "proxy.username: it is missing, but proxy.password is given by environment"
                + " ENTREPOT_PROXY_PASSWORD; give both or neither");
  }

  @Test
  void identityTokenReplacesUserNameAndPassword() {
    GivenSources sources =
        new GivenSources()
            .environment("ENTREPOT_PROXY_USERNAME", "me")
            .environment("ENTREPOT_PROXY_PASSWORD", "x")
            .property("entrepot.proxy.identitytoken", "t");
    assertThat(problems(sources))
        .containsExactly(
            "proxy.identitytoken: it is given by system property entrepot.proxy.identitytoken, and"
                + " proxy.username is given by environment ENTREPOT_PROXY_USERNAME; give only one"
                + " of them");
  }

  @Test
  void outboundNeedsHostAndPort() {
    assertThat(problems(new GivenSources().environment("ENTREPOT_OUTBOUND_HOST", "p")))
        .singleElement()
        .asString()
        .startsWith("outbound.port: it is missing, but outbound.host is");
    for (String alone : List.of("PORT=1", "NOPROXY=a", "USERNAME=me")) {
      String[] pair = alone.split("=", 2);
      assertThat(problems(new GivenSources().environment("ENTREPOT_OUTBOUND_" + pair[0], pair[1])))
          .anyMatch(line -> line.startsWith("outbound.host: it is missing, but outbound."));
    }
  }

  @Test
  void connectionsSufficeForTheFills() {
    assertThat(problems(new GivenSources().environment("ENTREPOT_PROXY_MAXFILLS", "57")))
        .containsExactly(
            "proxy.maxconnections: default is \"64\"; expected at least 65, which is"
                + " proxy.maxfills (environment ENTREPOT_PROXY_MAXFILLS) + 8");
    assertThat(new GivenSources().environment("ENTREPOT_PROXY_MAXFILLS", "56").read().proxy())
        .extracting(upstream -> upstream.wire().maxConnections())
        .isEqualTo(64);
  }

  @Test
  void rootDirectoryIsNoFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String key = "entrepot.storage.filesystem.rootdirectory";
    assertThat(problems(new GivenSources().property(key, file.toString())))
        .containsExactly(
            "storage.filesystem.rootdirectory: system property %s is \"%s\"; expected path (it is a file, not a folder)"
                .formatted(key, file));
    assertThat(new GivenSources().property(key, folder.toString()).read().storage().rootDirectory())
        .isEqualTo(folder);
  }

  @Test
  void homeFolderMayBeMissing() {
    assertThat(problems(new GivenSources().property("user.home", "?")))
        .containsExactly(
            "storage.filesystem.rootdirectory: default is \"~/.entrepot\"; expected path (this user"
                + " has no home folder)");
  }

  @Test
  void otherTypesInJndiAreNamed() {
    assertThat(problems(new GivenSources().bind("java:comp/env/entrepot/proxy/ttl", new Object())))
        .containsExactly(
            "proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is a java.lang.Object; expected a"
                + " java.lang.String (duration)");
    assertThat(problems(new GivenSources().bind("java:comp/env/entrepot/proxy/ttl", true)))
        .singleElement()
        .asString()
        .startsWith("proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is \"true\"; expected dur");
  }

  @Test
  void failingLookupIsAProblemNotADefault() {
    NamingException failure = new NamingException("canary");
    failure.initCause(new IllegalStateException("canary"));
    assertThat(problems(new GivenSources().bind("java:comp/env/entrepot/proxy/ttl", failure)))
        .containsExactly(
            "proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl: lookup failed"
                + " (java.lang.IllegalStateException)");
  }

  private static List<String> problems(GivenSources sources) {
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }
}
