package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.access.Way;
import io.entrepot.access.Ways;
import io.entrepot.access.Who;
import io.entrepot.oci.Cidr;
import io.entrepot.oci.Quoted;
import java.net.URLDecoder;
import java.util.List;

/** Reads whom a rule gives something. Immutable. */
final class WhoSyntax {
  private static final String ANONYMOUS = "anonymous";
  private static final String AUTHENTICATED = "authenticated";

  private final Ways ways;
  private final List<Cidr> proxies;

  /**
   * Makes a reader.
   *
   * @param ways the ways to log in that are set up
   * @param proxies the trusted proxies, whose own addresses no rule means
   */
  WhoSyntax(Ways ways, List<Cidr> proxies) {
    this.ways = ways;
    this.proxies = List.copyOf(proxies);
  }

  /**
   * Reads the first word of a rule.
   *
   * @throws IllegalArgumentException if it means nobody; the message says why
   */
  Who parse(String text) {
    if (text.equals(ANONYMOUS)) {
      return new Who.Everybody();
    }
    int colon = text.indexOf(':');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    String value = text.substring(colon + 1);
    if (kind.equals("address")) {
      return new Who.Address(Cidr.parse(value), proxies);
    }
    boolean isNamed = (kind.equals("user") || kind.equals("group")) && !value.isEmpty();
    if (!isNamed && !text.equals(AUTHENTICATED)) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is nobody: write anonymous, authenticated, user:NAME, group:NAME or"
              + " address:NETWORK");
    }
    if (ways.all().isEmpty()) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " can match nobody, because there is no way to log in");
    }
    if (!isNamed) {
      return new Who.Authenticated();
    }
    Ways.Named named = ways.parse(decode(value));
    return kind.equals("user") ? user(named) : group(named);
  }

  private Who user(Ways.Named named) {
    if (named.name().indexOf(':') >= 0 && ways.of(named).stream().noneMatch(Way::hasColons)) {
      throw new IllegalArgumentException(
          Quoted.of(named.name()) + " can match nobody: a name with a password has no colon");
    }
    return new Who.User(named.way(), named.name());
  }

  private Who group(Ways.Named named) {
    if (ways.of(named).stream().noneMatch(Way::hasGroups)) {
      throw new IllegalArgumentException(
          named.way().isEmpty()
              ? "no way to log in has groups, so it can match nobody"
              : named.way() + " has no groups, so it can match nobody");
    }
    return new Who.Group(named.way(), named.name());
  }

  /** {@code %20} is a space, which would end the word, and {@code %2C} a comma. */
  private static String decode(String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          Quoted.of(value) + " has a percent sign without two digits; write %25", e);
    }
  }
}
