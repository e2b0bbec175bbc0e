package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.access.LdapPlace;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads where an LDAP directory is, and how its users and groups are found. */
final class LdapReader {
  private static final int MAX_PASSWORD = 4096;

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
        hasFile ? fromFile() : values.given(LdapTable.BINDPASSWORD).map(Secret::reveal).orElse("");
    return new LdapPlace.Account(values.given(LdapTable.BINDDN).orElse(""), password);
  }

  private String fromFile() {
    Optional<Path> file = values.file(LdapTable.BINDPASSWORDFILE);
    try {
      Optional<byte[]> content =
          file.isEmpty() ? Optional.empty() : SmallFile.read(file.get(), MAX_PASSWORD);
      String password = content.map(bytes -> new String(bytes, UTF_8).strip()).orElse("");
      if (password.isEmpty()) {
        values.bad(LdapTable.BINDPASSWORDFILE, "it has no password");
      }
      return password;
    } catch (IOException e) {
      values.bad(LdapTable.BINDPASSWORDFILE, "it cannot be read");
      return "";
    }
  }
}
