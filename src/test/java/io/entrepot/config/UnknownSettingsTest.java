package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import javax.naming.NamingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownSettingsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy: {tll: 1h} | proxy.tll | proxy.ttl",
        "proxy: {remoteUrl: x} | proxy.remoteUrl | proxy.remoteurl",
        "storage: {filesystem: {rootdir: x}} | storage.filesystem.rootdir |"
            + " storage.filesystem.rootdirectory",
        "datasorce: x | datasorce | datasource"
      })
  void nearestKeyIsSuggested(String yaml, String key, String nearest) {
    assertThat(problems(new GivenSources().file(folder, yaml)))
        .containsExactly(
            "%s: %s line 1: unknown setting; did you mean %s?"
                .formatted(key, folder.resolve("config.yml"), nearest));
  }

  @Test
  void unknownVariableIsNamed() {
    assertThat(problems(new GivenSources().environment("ENTREPOT_PROXY_TTTL", "1h")))
        .containsExactly(
            "ENTREPOT_PROXY_TTTL: unknown environment variable; did you mean"
                + " ENTREPOT_PROXY_TTL?");
  }

  @Test
  void unknownSystemPropertyIsNamed() {
    assertThat(problems(new GivenSources().property("entrepot.proxy.tttl", "1h")))
        .containsExactly(
            "proxy.tttl: system property entrepot.proxy.tttl: unknown setting; did you mean"
                + " proxy.ttl?");
  }

  @Test
  void farFromAllKeysNothingIsSuggested() {
    assertThat(problems(new GivenSources().file(folder, "something: {entirely: else}")))
        .containsExactly(
            "something.entirely: %s line 1: unknown setting"
                .formatted(folder.resolve("config.yml")));
  }

  @Test
  void foreignVariablesAndPropertiesAreNotOurs() {
    assertThat(
            new GivenSources()
                .environment("ENTREPOTX", "1")
                .environment("PATH", "/bin")
                .property("entrepot", "1")
                .property("entrepots.x", "1")
                .read()
                .warnings())
        .isEmpty();
  }

  /**
   * Kubernetes sets these variables in a pod beside a Service with the name entrepot or
   * entrepot-db.
   */
  @ParameterizedTest
  @CsvSource({
    "ENTREPOT_SERVICE_HOST, 10.0.0.1",
    "ENTREPOT_SERVICE_PORT, 5000",
    "ENTREPOT_SERVICE_PORT_HTTP, 5000",
    "ENTREPOT_PORT, tcp://10.0.0.1:5000",
    "ENTREPOT_PORT_5000_TCP, tcp://10.0.0.1:5000",
    "ENTREPOT_PORT_5000_TCP_PROTO, tcp",
    "ENTREPOT_PORT_5000_TCP_PORT, 5000",
    "ENTREPOT_PORT_5000_TCP_ADDR, 10.0.0.1",
    "ENTREPOT_DB_SERVICE_HOST, 10.0.0.2",
    "ENTREPOT_DB_PORT, tcp://10.0.0.2:5432"
  })
  void serviceLinksOfKubernetesAreNotSettings(String name, String value) {
    assertThat(new GivenSources().environment(name, value).read().warnings()).isEmpty();
  }

  @Test
  void whatOnlyResemblesAServiceLinkIsUnknown() {
    assertThat(problems(new GivenSources().environment("ENTREPOT_PORT", "5000")))
        .singleElement()
        .asString()
        .startsWith("ENTREPOT_PORT: unknown environment variable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version: 0.1",
        "log: {fields: {service: registry}}",
        "log: {formatter: json}",
        "log: {accesslog: {disabled: true}}",
        "loglevel: info",
        "health: {storagedriver: {enabled: true}}",
        "notifications: {endpoints: [{name: alistener, url: https://my.listener.example}]}",
        "redis: {addrs: [localhost:6379]}",
        "storage: {delete: {enabled: true}}",
        "storage: {cache: {blobdescriptor: inmemory}}",
        "storage: {maintenance: {uploadpurging: {enabled: true}}}",
        "storage: {redirect: {disable: false}}",
        "storage: {tag: {concurrencylimit: 8}}",
        "storage: {filesystem: {maxthreads: 100}}",
        "http: {secret: asecretforlocaldevelopment}",
        "http: {debug: {addr: localhost:5001}}",
        "http: {http2: {disabled: false}}",
        "http: {net: tcp}",
        "http: {relativeurls: false}",
        "http: {prefix: /my/}"
      })
  void sectionsOfDistributionThatDoNotConcernACacheAreWarnedOf(String yaml) {
    String key = yaml.replaceAll("[{ ]", "").replaceFirst("^(http|log|storage):", "$1.");
    String expected =
        key.replace("filesystem:", "filesystem.").replace("tls:", "tls.").replaceFirst(":.*", "");
    assertThat(new GivenSources().file(folder, yaml).read().warnings())
        .singleElement()
        .asString()
        .startsWith(folder.resolve("config.yml") + " line 1: " + expected + " is ignored: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth.none | auth: {none: {}}",
        "middleware.storage | middleware: {storage: [{name: cloudfront}]}",
        "validation.disabled | validation: {disabled: true}",
        "validation.manifests.indexes | validation: {manifests: {indexes: {platforms: none}}}",
        "validation.manifests.urls | validation: {manifests: {urls: {allow: [], deny: }}}",
        "http.headers.X-Content-Type-Options | http: {headers: {X-Content-Type-Options: [nosniff]}}",
        "http.headers.Access-Control-Max-Age | http: {headers: {Access-Control-Max-Age: [1728000]}}",
        "http.headers.X-Frame-Options | http: {headers: {X-Frame-Options: }}",
        "http.tls.minimumtls | http: {tls: {minimumtls: tls1.2}}",
        "http.tls.minimumtls | http: {tls: {minimumtls: tls1.0}}",
        "http.tls.ciphersuites | http: {tls: {ciphersuites: []}}",
        "http.tls.clientcas | http: {tls: {clientcas: []}}",
        "storage.maintenance | storage: {maintenance: {readonly: {enabled: true}}}",
      })
  void keyWhosePromiseIsEmptyOrKeptIsWarnedOf(String key, String yaml) {
    assertThat(new GivenSources().file(folder, yaml).read().warnings())
        .containsExactly(
            folder.resolve("config.yml")
                + " line 1: "
                + key
                + " is ignored: Entrepot has no such setting");
  }

  /** What was closed with docker-registry must not be open with Entrepot (S39). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth.unlike | auth: {unlike: {realm: 'https://auth.example/', service: s}} | reverse proxy",
        "auth.silly | auth: {silly: {}} | reverse proxy",
        "auth.of-a-fork | auth: {of-a-fork: {}} | reverse proxy",
        "http.tls.clientcas | http: {tls: {clientcas: [/ca.pem]}} | reverse proxy",
        "http.tls.clientauth | http: {tls: {clientauth: require-any-client-cert}} | reverse proxy",
        "http.tls.minimumtls | http: {tls: {minimumtls: tls1.3}} | TLS 1.2 and 1.3",
        "http.tls.ciphersuites | http: {tls: {ciphersuites: [TLS_AES_256_GCM_SHA384]}} | AEAD",
        "http.tls.letsencrypt | http: {tls: {letsencrypt: {email: a@b.example}}} | certificate",
        "middleware.registry | middleware: {registry: [{name: guard}]} | proxy.allow",
        "middleware.repository | middleware: {repository: [{name: guard}]} | proxy.allow",
        "validation.manifests.urls | validation: {manifests: {urls: {deny: ['^http:']}}} | proxy.deny",
        "http.headers.X-Frame-Options | http: {headers: {X-Frame-Options: [DENY]}} | reverse proxy",
      })
  void keyWhosePromiseIsNotKeptStopsTheDeploy(String key, String yaml, String advice) {
    assertThat(problems(new GivenSources().file(folder, yaml)))
        .singleElement()
        .asString()
        .startsWith(key + ": " + folder.resolve("config.yml") + " line 1: Entrepot ")
        .contains("take the key out", advice);
  }

  /** A protection that is written down and empty must not open what was closed (S39). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth: {htpasswd: } | auth.htpasswd.path: FILE has a section auth.htpasswd without it",
        "auth: {htpasswd: {}} | auth.htpasswd.path: FILE has a section auth.htpasswd without it",
        "auth: {htpasswd: {path: }} | auth.htpasswd.path: FILE line 1: expected a value; without one it protects nothing",
        "access: | access: FILE line 1: expected a value; without one it protects nothing",
        "access: [] | access: FILE line 1: expected a value; without one it protects nothing",
        "accessfile: | accessfile: FILE line 1: expected a value; without one it protects nothing",
      })
  void emptyProtectionStopsTheDeploy(String yaml, String problem) {
    assertThat(problems(new GivenSources().file(folder, yaml)))
        .contains(problem.replace("FILE", folder.resolve("config.yml").toString()));
  }

  @Test
  void emptySectionOfWhatIsRefusedPromisesNothing() {
    assertThat(new GivenSources().file(folder, "auth: {}\nmiddleware: {}\n").read().warnings())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"s3", "s3aws", "gcs", "azure", "inmemory", "swift", "oss", "rados", "cos"})
  void otherStorageDriversAreRefused(String driver) {
    assertThat(problems(new GivenSources().file(folder, "storage: {" + driver + ": {bucket: b}}")))
        .containsExactly(
            "storage.%s: %s line 1: Entrepot has no storage driver %s, only filesystem"
                .formatted(driver, folder.resolve("config.yml"), driver));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java:comp/env/", "java:global/", ""})
  void nameInJndiIsNamedWithTheNearestSetting(String place) {
    GivenSources sources =
        new GivenSources()
            .bind(place + "entrepot/proxy/tttl", "5h")
            .bind(place + "entrepot/proxy/maxfill", 5)
            .bind(place + "entrepot/upstreams/lab/url", "https://lab.example")
            .bind(place + "entrepot/proxy/ttl", "6h");
    assertThat(problems(sources))
        .containsExactlyInAnyOrder(
            "proxy.tttl: JNDI %sentrepot/proxy/tttl: unknown setting; did you mean proxy.ttl?"
                .formatted(place),
            "proxy.maxfill: JNDI %sentrepot/proxy/maxfill: unknown setting; did you mean"
                    .formatted(place)
                + " proxy.maxfills?",
            "upstreams.lab.url: JNDI %sentrepot/upstreams/lab/url: unknown setting; list the"
                    .formatted(place)
                + " upstream in upstreams.names");
  }

  @Test
  void otherThingsInJndiAreNoSettings() {
    Settings settings =
        new GivenSources()
            .bind("java:comp/env/entrepot/pool", new Object())
            .bind("java:comp/env/entrepot/proxy/tttl", " ")
            .bind("entrepot/broken", new NamingException("a pool that cannot be made"))
            .bind("other/proxy/tttl", "5h")
            .bind("java:comp/env/entrepot/upstreams/names", "lab")
            .bind("java:comp/env/entrepot/upstreams/lab/url", "https://lab.example")
            .read();
    assertThat(settings.upstreams().others()).hasSize(1);
  }

  @Test
  void configurationOfADistributionCacheIsReadAsItIs() {
    String yaml =
        """
        version: 0.1
        log:
          fields:
            service: registry
        storage:
          filesystem:
            rootdirectory: /var/lib/no-such-registry
          delete:
            enabled: true
        http:
          addr: :5000
          headers:
            X-Content-Type-Options: [nosniff]
        proxy:
          remoteurl: https://registry-1.docker.io
          username: me
          password: "1234"
          ttl: 24h
        """;
    Settings settings = new GivenSources().file(folder, yaml).read();
    assertThat(settings.http().address()).isEqualTo(new Address("", 5000));
    assertThat(settings.proxy().login().access())
        .isEqualTo(new Access.Password(new Login("me", Secret.of("1234"))));
    assertThat(settings.proxy().rules().expiry().ttl()).hasHours(24);
    assertThat(settings.storage().rootDirectory()).isEqualTo(Path.of("/var/lib/no-such-registry"));
    assertThat(settings.warnings()).hasSize(4);
  }

  private static List<String> problems(GivenSources sources) {
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }
}
