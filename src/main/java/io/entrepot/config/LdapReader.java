package io.entrepot.config;

import io.entrepot.access.LdapPlace;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads where an LDAP directory is, and how its users and groups are found. */
final class LdapReader {
  private final Values values;
  private final Findings findings;

  LdapReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  Optional<LdapPlace> read() {
    for (Setting<?> setting : LdapTable.ALL) {
      values.requireBeside(setting, LdapTable.URL);
    }
    values.requireBeside(LdapTable.URL, LdapTable.USERBASE);
    LdapPlace.Account account = account();
    List<X509Certificate> authorities = new TlsReader(values, findings).certificates(LdapTable.CA);
    LdapPlace.Users users =
        new LdapPlace.Users(
            values.given(LdapTable.USERBASE).orElse(""), values.value(LdapTable.USERFILTER));
    LdapPlace.Groups groups =
        new LdapPlace.Groups(
            values.given(LdapTable.GROUPBASE).orElse(""),
            values.value(LdapTable.GROUPFILTER),
            values.value(LdapTable.GROUPNAME));
    return values
        .given(LdapTable.URL)
        .map(
            url ->
                new LdapPlace(
                    url.getHost(), port(url), security(url), authorities, account, users, groups));
  }

  private static boolean isTls(URI url) {
    return url.getScheme().toLowerCase(Locale.ROOT).equals("ldaps");
  }

  private static int port(URI url) {
    int fallback = isTls(url) ? 636 : 389;
    return url.getPort() < 0 ? fallback : url.getPort();
  }

  private LdapPlace.Security security(URI url) {
    boolean starttls = values.value(LdapTable.STARTTLS);
    if (isTls(url)) {
      if (starttls) {
        values.bad(LdapTable.STARTTLS, "ldaps has TLS from the beginning");
      }
      return LdapPlace.Security.TLS;
    }
    if (!starttls) {
      findings.warning(
          "auth.ldap.url: passwords go to the directory without TLS; use ldaps:// or"
              + " auth.ldap.starttls");
    }
    return starttls ? LdapPlace.Security.STARTTLS : LdapPlace.Security.NONE;
  }

  private LdapPlace.Account account() {
    boolean hasPassword = values.isGiven(LdapTable.BINDPASSWORD);
    boolean hasFile = values.isGiven(LdapTable.BINDPASSWORDFILE);
    if (hasPassword && hasFile) {
      values.bad(LdapTable.BINDPASSWORDFILE, "give only one of it and auth.ldap.bindpassword");
    }
    values.requireBeside(LdapTable.BINDPASSWORD, LdapTable.BINDDN);
    values.requireBeside(LdapTable.BINDPASSWORDFILE, LdapTable.BINDDN);
    if (!hasFile) {
      values.requireBeside(LdapTable.BINDDN, LdapTable.BINDPASSWORD);
    }
    String password =
        hasFile
            ? values.secretIn(LdapTable.BINDPASSWORDFILE).reveal()
            : values.given(LdapTable.BINDPASSWORD).map(Secret::reveal).orElse("");
    return new LdapPlace.Account(values.given(LdapTable.BINDDN).orElse(""), password);
  }
}
