package io.entrepot.access;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Where an LDAP directory is, and how its users and groups are found. Its text form has no
 * password.
 *
 * @param host the host name
 * @param port the port
 * @param security how the connection is protected
 * @param authorities whom to trust in place of the authorities of the JDK; empty for those
 * @param account the account that searches
 * @param users how a user is found
 * @param groups how the groups of a user are found
 */
public record LdapPlace(
    String host,
    int port,
    Security security,
    List<X509Certificate> authorities,
    Account account,
    Users users,
    Groups groups) {
  public LdapPlace {
    authorities = List.copyOf(authorities);
  }

  /** How a connection is protected. */
  public enum Security {
    /** Not at all. */
    NONE,
    /** By TLS from the beginning, {@code ldaps}. */
    TLS,
    /** By TLS after a request for it. */
    STARTTLS
  }

  /**
   * The account that searches.
   *
   * @param dn its distinguished name, or empty to search without one
   * @param password its password
   */
  public record Account(String dn, String password) {
    @Override
    public String toString() {
      return dn;
    }
  }

  /**
   * How a user is found.
   *
   * @param base the entry below which users are
   * @param filter the filter, in which {@code {0}} is the user name
   */
  public record Users(String base, String filter) {}

  /**
   * How the groups of a user are found.
   *
   * @param base the entry below which groups are, or empty if none are asked for
   * @param filter the filter, in which {@code {0}} is the entry of the user and {@code {1}} the
   *     user name
   * @param name the attribute with the name of the group
   */
  public record Groups(String base, String filter, String name) {}
}
