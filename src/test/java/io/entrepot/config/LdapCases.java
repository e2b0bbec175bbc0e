package io.entrepot.config;

import io.entrepot.access.LdapPlace;
import io.entrepot.fixture.FakeCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cases of {@link SettingsFromSourcesTest} for an LDAP directory. */
final class LdapCases {
  private LdapCases() {}

  static List<SettingCase> all(FakeCertificate certificate) {
    return List.of(
        new SettingCase(
            "auth.ldap.ca",
            certificate.pem().toString(),
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.authorities()),
            Optional.empty(),
            Optional.of(List.of(certificate.certificate())),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.bindpasswordfile",
            password().toString(),
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.account().password()),
            Optional.empty(),
            Optional.of("x"),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\nauth.ldap.binddn: cn=r\n"),
        new SettingCase(
            "auth.ldap.url",
            "ldaps://l.example:1389",
            s ->
                s.protection()
                    .flatMap(p -> p.passwords().ldap())
                    .map(l -> l.host() + l.port() + l.security()),
            Optional.empty(),
            Optional.of("l.example1389TLS"),
            "auth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.starttls",
            "true",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.security()),
            Optional.empty(),
            Optional.of(LdapPlace.Security.STARTTLS),
            "auth.ldap.url: ldap://l.example\nauth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.binddn",
            "cn=r,dc=x",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.account().dn()),
            Optional.empty(),
            Optional.of("cn=r,dc=x"),
            """
            auth.ldap.url: ldaps://l.example
            auth.ldap.userbase: dc=x
            auth.ldap.bindpassword: x
            """),
        new SettingCase(
            "auth.ldap.bindpassword",
            "a b",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.account().password()),
            Optional.empty(),
            Optional.of("a b"),
            """
            auth.ldap.url: ldaps://l.example
            auth.ldap.userbase: dc=x
            auth.ldap.binddn: cn=r
            """),
        new SettingCase(
            "auth.ldap.userbase",
            "ou=people,dc=x",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.users().base()),
            Optional.empty(),
            Optional.of("ou=people,dc=x"),
            "auth.ldap.url: ldaps://l.example\n"),
        new SettingCase(
            "auth.ldap.userfilter",
            "(mail={0})",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.users().filter()),
            Optional.empty(),
            Optional.of("(mail={0})"),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.groupbase",
            "ou=groups,dc=x",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.groups().base()),
            Optional.empty(),
            Optional.of("ou=groups,dc=x"),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.groupfilter",
            "(memberUid={1})",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.groups().filter()),
            Optional.empty(),
            Optional.of("(memberUid={1})"),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\n"),
        new SettingCase(
            "auth.ldap.groupname",
            "ou",
            s -> s.protection().flatMap(p -> p.passwords().ldap()).map(l -> l.groups().name()),
            Optional.empty(),
            Optional.of("ou"),
            "auth.ldap.url: ldaps://l.example\nauth.ldap.userbase: dc=x\n"));
  }

  private static Path password() {
    try {
      Path file = Files.writeString(Files.createTempFile("password", ""), "x\n");
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
