package io.entrepot.config;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;

/**
 * The checks of settings that need the library for LDAP. The table of settings is also loaded where
 * there are no libraries, for {@code java -jar entrepot.war --help}. So only a check loads it.
 */
final class LdapText {
  private LdapText() {}

  /** Whether a text is a distinguished name (RFC 4514). */
  static boolean isName(String text) {
    return DN.isValidDN(text);
  }

  /** Whether a text is a filter (RFC 4515), once the places for a user are filled in. */
  static boolean isFilter(String text) {
    try {
      var unused = Filter.create(text.replace("{0}", "a").replace("{1}", "a"));
      return true;
    } catch (LDAPException e) {
      return false;
    }
  }
}
