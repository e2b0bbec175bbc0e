package io.entrepot.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the JDBC URL of a PostgreSQL. Only a few parameters are allowed: others make the driver
 * load classes and files by name (S21).
 */
final class DatabaseUrlSyntax {
  private static final String HOST = "(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])";
  private static final String PLACE = HOST + "(?::[0-9]{1,5})?";
  private static final Pattern URL =
      Pattern.compile(
          "jdbc:postgresql://("
              + PLACE
              + "(?:,"
              + PLACE
              + "){0,7})/([A-Za-z0-9_-]{1,63})(?:\\?(.{1,1000}))?");

  /** What each parameter may be. A server that takes no changes is of no use. */
  private static final Map<String, Pattern> PARAMETERS =
      Map.of(
          "sslmode", Pattern.compile("disable|allow|prefer|require|verify-ca|verify-full"),
          "sslrootcert", Pattern.compile("[A-Za-z0-9._/:-]{1,500}"),
          "targetServerType", Pattern.compile("any|primary"));

  private DatabaseUrlSyntax() {}

  static Syntax<String> syntax() {
    return Syntax.plain("jdbc:postgresql URL", DatabaseUrlSyntax::parse);
  }

  private static String parse(String text) {
    Matcher url = URL.matcher(text);
    Syntax.require(url.matches(), "such as jdbc:postgresql://host:5432/name, without a user");
    for (String place : url.group(1).split(",", -1)) {
      int colon = place.lastIndexOf(':');
      if (colon > place.lastIndexOf(']')) {
        int port = Integer.parseInt(place.substring(colon + 1));
        Syntax.require(port > 0 && port <= 65_535, "a port is 1 to 65535");
      }
    }
    Map<String, String> parameters = new TreeMap<>();
    if (url.group(3) != null) {
      for (String parameter : url.group(3).split("&", -1)) {
        add(parameter, parameters);
      }
    }
    return text;
  }

  private static void add(String text, Map<String, String> parameters) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    Pattern allowed = PARAMETERS.get(name);
    if (allowed == null) {
      throw new IllegalArgumentException(
          "its parameters are sslmode, sslrootcert and targetServerType, and no others");
    }
    Syntax.require(
        equals >= 0 && allowed.matcher(text.substring(equals + 1)).matches(),
        "the parameter " + name + " has a value that is not allowed");
    Syntax.require(parameters.put(name, text) == null, "the parameter " + name + " is there twice");
  }
}
