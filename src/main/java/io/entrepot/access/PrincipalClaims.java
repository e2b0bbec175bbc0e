package io.entrepot.access;

import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who has logged in, as the tokens say it that are signed here. */
final class PrincipalClaims {
  private static final Logger log = LoggerFactory.getLogger(PrincipalClaims.class);
  private static final String WAY = "way";
  private static final String GROUPS = "groups";

  /** The characters that the groups of a token may have, so that it fits into a header. */
  private static final int MAX_GROUPS = 2 << 10;

  private PrincipalClaims() {}

  /**
   * Writes a principal.
   *
   * @param named the groups that rules name. The token has no others.
   */
  static void write(JWTClaimsSet.Builder claims, Principal principal, Set<String> named) {
    claims
        .subject(principal.name())
        .claim(WAY, principal.way())
        .claim(GROUPS, groups(principal, named));
  }

  private static List<String> groups(Principal principal, Set<String> named) {
    List<String> groups = new ArrayList<>();
    int length = 0;
    for (String group : new TreeSet<>(named)) {
      if (principal.groups().contains(group)) {
        length += group.length() + 3; // quotes and a comma
        if (length > MAX_GROUPS) {
          log.warn("A token of {} has only {} of the groups", principal, groups.size());
          break;
        }
        groups.add(group);
      }
    }
    return groups;
  }

  /** Reads a principal; null if the token is of an anonymous client. */
  static @Nullable Principal read(JWTClaimsSet claims) throws ParseException {
    String way = claims.getStringClaim(WAY);
    String name = claims.getSubject();
    if (way == null || name == null) {
      return null;
    }
    List<String> groups = claims.getStringListClaim(GROUPS);
    return new Principal(way, name, groups == null ? Set.of() : Set.copyOf(groups));
  }
}
