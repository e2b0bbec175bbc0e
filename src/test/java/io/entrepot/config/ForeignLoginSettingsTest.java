package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.access.ClientCertificates.UserFrom;
import io.entrepot.access.OidcClient;
import io.entrepot.access.OidcProvider;
import io.entrepot.access.RepositoryPattern;
import io.entrepot.access.RequiredClaim;
import io.entrepot.access.Way;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of ways to log in that others answer for, and what stops a deployment (S39). */
class ForeignLoginSettingsTest {
  private static final String GITHUB = "https://token.actions.githubusercontent.com";
  private static final String CA = "src/test/resources/io/entrepot/access/certificates.pem";

  @TempDir Path folder;

  private Protection read(String yaml) throws Exception {
    return new GivenSources().file(folder, yaml).read().protection().orElseThrow();
  }

  private List<String> problems(String yaml) throws Exception {
    GivenSources sources = new GivenSources().file(folder, yaml);
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }

  @Test
  void providerIsReadFromItsSection() throws Exception {
    Protection read =
        read(
            """
            auth:
              oidc:
                github:
                  issuer: %s
                  audience: [https://cache.example, other]
                  require: repository=acme/*, ref=refs/heads/main
            access: ["user:oidc.github:repo:acme/app pull **", "group:oidc.github:x pull **"]
            """
                .formatted(GITHUB));
    assertThat(read.tokens().foreign().oidc())
        .containsExactly(
            new Protection.Oidc(
                new OidcProvider(
                    "github",
                    GITHUB,
                    List.of("https://cache.example", "other"),
                    Optional.empty(),
                    "sub",
                    "groups",
                    List.of(
                        new RequiredClaim("repository", new RepositoryPattern("acme/*")),
                        new RequiredClaim("ref", new RepositoryPattern("refs/heads/main")))),
                List.of(),
                Optional.empty()));
    assertThat(read.ways().all()).containsExactly(new Way("oidc.github", true, true));
  }

  @Test
  void providerMayKnowThisCacheAsAClient() throws Exception {
    Files.writeString(folder.resolve("secret"), "from-file\n");
    String section =
        """
        auth.oidc.staff.issuer: https://login.example
        auth.oidc.staff.audience: a
        auth.oidc.staff.clientid: entrepot
        """;
    assertThat(client(section)).isEqualTo(new OidcClient("entrepot", "", List.of("openid")));
    assertThat(client(section + "auth.oidc.staff.clientsecret: s\n").secret()).isEqualTo("s");
    assertThat(
            client(section + "auth.oidc.staff.clientsecretfile: " + folder.resolve("secret") + "\n")
                .secret())
        .isEqualTo("from-file");
    assertThat(client(section + "auth.oidc.staff.scopes: openid, groups\n").scopes())
        .containsExactly("openid", "groups");
    assertThat(client(section + "auth.oidc.staff.clientsecret: s\n"))
        .hasToString("client entrepot");
  }

  private OidcClient client(String yaml) throws Exception {
    return read(yaml).tokens().foreign().oidc().get(0).client().orElseThrow();
  }

  @Test
  void settingsOfAClientThatContradictAreReportedTogether() throws Exception {
    assertThat(
            problems(
                """
                auth.oidc.staff.issuer: https://login.example
                auth.oidc.staff.audience: a
                auth.oidc.staff.clientid: entrepot
                auth.oidc.staff.clientsecret: s
                auth.oidc.staff.clientsecretfile: pom.xml
                auth.oidc.staff.scopes: profile
                auth.oidc.other.issuer: https://other.example
                auth.oidc.other.audience: a
                auth.oidc.other.clientsecret: s
                """))
        .anySatisfy(problem -> assertThat(problem).contains("give only one of it"))
        .anySatisfy(problem -> assertThat(problem).contains("openid is missing"))
        .anySatisfy(problem -> assertThat(problem).contains("auth.oidc.other.clientid"));
  }

  @Test
  void providersAreReadFromEverySource() throws Exception {
    Settings read =
        new GivenSources()
            .property("entrepot.auth.oidc.names", "a-1, kube")
            .property("entrepot.auth.oidc.kube.issuer", "https://kube.example/")
            .property("entrepot.auth.oidc.kube.audience", "cache")
            .property("entrepot.auth.oidc.kube.jwks", "http://127.0.0.1:8001/openid/v1/jwks")
            .property("entrepot.auth.oidc.kube.user", "preferred_username")
            .property("entrepot.auth.oidc.kube.groups", "roles")
            .environment("ENTREPOT_AUTH_OIDC_A-1_ISSUER", "https://a.example")
            .environment("ENTREPOT_AUTH_OIDC_A-1_AUDIENCE", "cache")
            .read();
    List<Protection.Oidc> oidc = read.protection().orElseThrow().tokens().foreign().oidc();
    assertThat(oidc).extracting(each -> each.provider().name()).containsExactly("a-1", "kube");
    OidcProvider kube = oidc.get(1).provider();
    assertThat(kube.issuer()).isEqualTo("https://kube.example/");
    assertThat(kube.jwks()).hasValue(URI.create("http://127.0.0.1:8001/openid/v1/jwks"));
    assertThat(kube.user()).isEqualTo("preferred_username");
    assertThat(kube.groups()).isEqualTo("roles");
  }

  @Test
  void providerNeedsAnIssuerAndAnAudience() throws Exception {
    assertThat(problems("auth: {oidc: {ci: {user: sub}}}"))
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("auth.oidc.ci.issuer: it is missing"))
        .anyMatch(problem -> problem.startsWith("auth.oidc.ci.audience: it is missing"));
    assertThat(problems("auth: {oidc: {names: ci}}")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GITHUB,
        GITHUB + "/some-company",
        "https://TOKEN.actions.githubusercontent.com",
        "https://gitlab.com",
        "https://gitlab.com.",
        "https://gitlab.com/",
        "https://oidc.circleci.com/org/1",
        "https://accounts.google.com",
        "https://login.microsoftonline.com/common/v2.0",
        "https://agent.buildkite.com",
        "https://api.bitbucket.org/2.0/workspaces/a/pipelines-config/identity/oidc",
        "https://acme.semaphoreci.com"
      })
  void providerOfEverybodyNeedsARequirement(String issuer) throws Exception {
    String yaml = "auth: {oidc: {ci: {issuer: '" + issuer + "', audience: a, require: '%s'}}}";
    for (String none : List.of("sub=**", "sub=*", "aud=a", "iss=" + issuer)) {
      assertThat(problems(yaml.formatted(none)))
          .singleElement()
          .asString()
          .startsWith("auth.oidc.ci.require: it is missing, or lets everybody in");
    }
    assertThat(problems(yaml.replace(", require: '%s'", ""))).hasSize(1);
    assertThat(read(yaml.formatted("namespace=acme")).tokens().foreign().oidc()).hasSize(1);
  }

  @Test
  void providerOfACompanyNeedsNone() throws Exception {
    for (String issuer :
        List.of(
            "https://gitlab.acme.example",
            "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0")) {
      assertThat(read("auth: {oidc: {a: {issuer: '" + issuer + "', audience: a}}}")).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "issuer | http://ci.example | https URL (https only, except on this machine)",
        "issuer | ci.example | https URL (it must begin with http or https)",
        "issuer | https://ci.example/?x=1 | https URL (it must not have a query)",
        "issuer | https://ci.example/#x | https URL (it must not have a fragment)",
        "issuer | https://a@ci.example | https URL (a user name does not belong in a URL)",
        "jwks | http://ci.example/keys | https URL (https only, except on this machine)",
        "jwks | file:///keys | https URL (it must begin with http or https)",
        "user | a b | text (up to 255 characters of ASCII, no spaces or quotes)",
        "require | repository | list of claim=pattern (such as repository=acme/*)",
        "require | =acme | list of claim=pattern (such as repository=acme/*)",
        "require | ref= | list of claim=pattern (such as repository=acme/*)",
        "require | ref=a, ref=b | list of claim=pattern (all must hold, so each claim stands once)",
        "ca | /no/such/file | path (it cannot be read: NoSuchFileException)",
      })
  void badValueIsReported(String key, String value, String expected) throws Exception {
    String yaml = "auth: {oidc: {ci: {issuer: 'https://x.example', audience: a, %s: '%s'}}}";
    String given = yaml.formatted(key, value);
    if (key.equals("issuer")) {
      given = given.replace("issuer: 'https://x.example', ", "");
    }
    assertThat(problems(given))
        .singleElement()
        .asString()
        .startsWith("auth.oidc.ci." + key + ": ")
        .contains("expected " + expected);
  }

  @Test
  void twoProvidersForTheSameTokensAreRefused() throws Exception {
    String same =
        "auth: {oidc: {a: {issuer: 'https://x.example', audience: [p, q]},"
            + " b: {issuer: 'https://x.example', audience: [q]}}}";
    assertThat(problems(same))
        .containsExactly(
            "auth.oidc.b.audience: another provider has the same issuer and the audience \"q\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth: {oidc: {Git.Hub: {issuer: x}}} | auth.oidc.Git.Hub.issuer",
        "auth: {oidc: {ci: {isuer: x}}} | auth.oidc.ci.isuer",
        "auth: {oidc: {ci: {}}} | auth.oidc.ci",
        "auth: {oidc: } | auth.oidc",
        "auth: {oidc: {}} | auth.oidc",
        "auth: {token: {}} | auth.token",
        "auth: {token: {signingalgorithms: [ES256]}} | auth.token.signingalgorithms",
        "auth: {token: {realm: }} | auth.token.realm",
        "auth: {tls: {}} | auth.tls",
        "auth: {tls: {user: cn}} | auth.tls.clientca",
      })
  void whatProtectsNothingIsReported(String yaml, String key) throws Exception {
    assertThat(problems(yaml)).anyMatch(problem -> problem.startsWith(key + ": "));
  }

  @Test
  void unknownProviderIsReported() {
    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class,
                    () -> new GivenSources().property("entrepot.auth.oidc.NAME.issuer", "x").read())
                .problems())
        .singleElement()
        .asString()
        .contains("auth.oidc.NAME.issuer", "unknown setting");
  }

  @Test
  void tokenServiceIsReadByTheKeysOfDistribution() throws Exception {
    Protection read =
        read(
            """
            auth:
              token:
                realm: https://auth.example/jwt/auth
                service: registry.example
                issuer: auth.example
                rootcertbundle: %s
                autoredirect: false
            """
                .formatted(CA));
    var service = read.tokens().foreign().tokenService().orElseThrow();
    assertThat(service.realm()).isEqualTo(URI.create("https://auth.example/jwt/auth"));
    assertThat(service.service()).isEqualTo("registry.example");
    assertThat(service.roots()).hasSize(12);
    assertThat(read.ways().all()).as("its tokens need no rule").isEmpty();
    assertThat(read.rules().rules()).isEmpty();
    assertThat(read.syntax().canonical("library/alpine")).hasValue("docker.io/library/alpine");
    assertThat(read.syntax().canonical("alpine")).hasValue("docker.io/library/alpine");
    assertThat(read.syntax().canonical("acme/*")).isEmpty();
    assertThat(read.syntax().canonical("../x")).isEmpty();
    assertThat(read.syntax().inToken("docker.io/library/alpine")).isEqualTo("library/alpine");
  }

  @Test
  void tokenServiceNeedsAllThatItNeeds() throws Exception {
    assertThat(problems("auth: {token: {realm: 'https://auth.example'}}"))
        .extracting(problem -> problem.substring(0, problem.indexOf(':')))
        .containsExactlyInAnyOrder("auth.token.service", "auth.token.issuer", "auth.token.jwks");
    assertThat(problems("auth: {token: {rootcertbundle: /no/such/file}}")).hasSize(4);
  }

  @Test
  void clientCertificatesAreRead() throws Exception {
    Protection read = read("auth: {tls: {clientca: " + CA + "}}");
    Protection.ClientTls tls = read.tokens().foreign().certificates().orElseThrow();
    assertThat(tls.file()).isEqualTo(Path.of(CA).toAbsolutePath());
    assertThat(tls.user()).isEqualTo(UserFrom.SAN);
    assertThat(read.ways().all()).containsExactly(new Way("tls", false, true));
    Protection byName = read("auth: {tls: {clientca: " + CA + ", user: cn}}");
    assertThat(byName.tokens().foreign().certificates().orElseThrow().user())
        .isEqualTo(UserFrom.CN);
    assertThat(problems("auth: {tls: {clientca: pom.xml}}"))
        .singleElement()
        .asString()
        .contains("there is no certificate in it");
  }
}
