package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The settings of an LDAP directory whose users log in. */
final class LdapTable {
  static final Setting<URI> URL =
      new Setting<>(
          "auth.ldap.url",
          url(),
          "",
          "An LDAP directory whose users log in, `ldaps://` or `ldap://` with a host and perhaps a"
              + " port.");
  static final Setting<Boolean> STARTTLS =
      new Setting<>(
          "auth.ldap.starttls",
          Syntax.bool(),
          "false",
          "Whether a connection to `ldap://` begins TLS before anything is sent.");
  static final Setting<Path> CA =
      new Setting<>(
          "auth.ldap.ca",
          Syntax.path(),
          "",
          "A PEM file of authorities that are trusted for the directory, instead of those of Java.");
  static final Setting<String> BINDDN =
      new Setting<>(
          "auth.ldap.binddn",
          dn(),
          "",
          "The account that searches users and groups. Without it, they are searched anonymously.");
  static final Setting<Secret> BINDPASSWORD =
      new Setting<>("auth.ldap.bindpassword", Syntax.secret(), "", "The password of this account.");
  static final Setting<Path> BINDPASSWORDFILE =
      new Setting<>(
          "auth.ldap.bindpasswordfile",
          Syntax.path(),
          "",
          "A file with this password instead, which is read at the start.");
  static final Setting<String> USERBASE =
      new Setting<>(
          "auth.ldap.userbase",
          dn(),
          "",
          "The entry below which users are searched, such as `ou=people,dc=example,dc=com`.");
  static final Setting<String> USERFILTER =
      new Setting<>(
          "auth.ldap.userfilter",
          filter(),
          "(uid={0})",
          "How the entry of a user is found; `{0}` is the user name. In Active Directory"
              + " `(sAMAccountName={0})`.");
  static final Setting<String> GROUPBASE =
      new Setting<>(
          "auth.ldap.groupbase",
          dn(),
          "",
          "The entry below which groups are searched. Without it, users are in no groups.");
  static final Setting<String> GROUPFILTER =
      new Setting<>(
          "auth.ldap.groupfilter",
          filter(),
          "(member={0})",
          "How the groups of a user are found; `{0}` is the entry of the user, `{1}` the user name."
              + " For groups with `memberUid` write `(memberUid={1})`.");
  static final Setting<String> GROUPNAME =
      new Setting<>(
          "auth.ldap.groupname",
          attribute(),
          "cn",
          "The attribute with the name of a group, as rules have it.");

  static final List<Setting<?>> ALL =
      List.of(
          URL,
          STARTTLS,
          CA,
          BINDDN,
          BINDPASSWORD,
          BINDPASSWORDFILE,
          USERBASE,
          USERFILTER,
          GROUPBASE,
          GROUPFILTER,
          GROUPNAME);

  private LdapTable() {}

  private static Syntax<URI> url() {
    return new Syntax<>(
        "URL of an LDAP server",
        Syntax.Kind.PLAIN,
        text -> {
          URI uri = URI.create(text);
          String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
          boolean isPlain =
              uri.getRawUserInfo() == null && uri.getRawQuery() == null && hasNoPath(uri);
          if (!List.of("ldap", "ldaps").contains(scheme) || uri.getHost() == null || !isPlain) {
            throw new IllegalArgumentException("such as ldaps://ldap.example.com");
          }
          return uri;
        });
  }

  private static boolean hasNoPath(URI uri) {
    return uri.getRawPath() == null || List.of("", "/").contains(uri.getRawPath());
  }

  private static Syntax<String> dn() {
    return new Syntax<>(
        "distinguished name",
        Syntax.Kind.PLAIN,
        text -> {
          if (!LdapText.isName(text)) {
            throw new IllegalArgumentException("such as ou=people,dc=example,dc=com");
          }
          return text;
        });
  }

  private static Syntax<String> filter() {
    return new Syntax<>(
        "LDAP filter",
        Syntax.Kind.PLAIN,
        text -> {
          if (!LdapText.isFilter(text)) {
            throw new IllegalArgumentException("such as (uid={0})");
          }
          if (!text.contains("{0}") && !text.contains("{1}")) {
            throw new IllegalArgumentException("with {0}, or it finds the same for everybody");
          }
          return text;
        });
  }

  private static Syntax<String> attribute() {
    return new Syntax<>(
        "name of an attribute",
        Syntax.Kind.PLAIN,
        text -> {
          if (!text.matches("[A-Za-z][A-Za-z0-9-]*")) {
            throw new IllegalArgumentException("such as cn");
          }
          return text;
        });
  }
}
