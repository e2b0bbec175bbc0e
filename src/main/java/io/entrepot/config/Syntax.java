package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.Cidr;
import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.TagRule;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The syntax of a setting's value.
 *
 * @param <T> the type of the parsed value
 * @param expected the description of valid values for people
 * @param kind whether the value is plain, secret or a list
 * @param parser parses a text that is not blank. For an invalid text it throws an {@link
 *     IllegalArgumentException} whose message is a hint, and never contains the text.
 */
record Syntax<T>(String expected, Kind kind, Function<String, T> parser) {
  /** The largest number of pins: as many as one database query can have. */
  static final int MAX_PINS = 100;

  /**
   * The longest duration, a hundred years. Every type of timestamp can hold a moment so far in the
   * future.
   */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");
  private static final Pattern JNDI_NAME = Pattern.compile("(?:java:)?[A-Za-z0-9_./-]+");
  private static final String HELPER = "docker-credential-";
  private static final Pattern HELPER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern NODE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");
  private static final Pattern REALM = Pattern.compile("[A-Za-z0-9 ._/:-]{1,100}");
  private static final String UPSTREAM_NAME = "name such as ghcr.io";

  /**
   * The longest name of an upstream. A repository name with this name in front may have 255
   * characters.
   */
  private static final int MAX_UPSTREAM_NAME = 128;

  /** The kinds of values. */
  enum Kind {
    PLAIN,
    /** The value is never shown. */
    SECRET,
    /** The value is a list: items separated by commas, or a YAML list. */
    LIST
  }

  /** A local JNDI name. */
  static Syntax<String> jndiName() {
    return plain(
        "JNDI name",
        text -> {
          require(
              JNDI_NAME.matcher(text).matches(), "such as jdbc/entrepot or java:/jdbc/entrepot");
          return text;
        });
  }

  /** A user name for HTTP Basic. It has no colon, because a colon ends it (RFC 7617 section 2). */
  static Syntax<String> username() {
    return plain(
        "user name",
        text -> {
          require(text.indexOf(':') < 0, "without a colon");
          return text;
        });
  }

  static Syntax<Secret> secret() {
    return new Syntax<>("secret", Kind.SECRET, Secret::of);
  }

  /** A user name and a password; the name ends at the first colon. */
  static Syntax<Login> login() {
    return new Syntax<>(
        "user name:password",
        Kind.SECRET,
        text -> {
          int colon = text.indexOf(':');
          require(0 < colon && colon < text.length() - 1, "with a colon between name and password");
          return new Login(text.substring(0, colon), Secret.of(text.substring(colon + 1)));
        });
  }

  /** The name of a credential helper, with or without {@code docker-credential-}. */
  static Syntax<String> helper() {
    return plain(
        "docker-credential-NAME",
        text -> {
          String name = text.startsWith(HELPER) ? text.substring(HELPER.length()) : text;
          require(
              HELPER_NAME.matcher(name).matches(), "the program's name, without folder or options");
          return name;
        });
  }

  /** The name of a node of a cluster, such as that of its host. */
  static Syntax<String> nodeName() {
    return plain(
        "node name",
        text -> {
          require(
              NODE_NAME.matcher(text).matches(), "letters, digits, dots and hyphens, at most 40");
          return text;
        });
  }

  static Syntax<List<Path>> folders() {
    return list(
        "list of absolute paths",
        text -> {
          Path path = toPath(text);
          require(path.isAbsolute(), "not a relative path");
          return path;
        });
  }

  /** Patterns of tags, each with its interval. */
  static Syntax<List<TagRule>> tagRules() {
    return list("list of tags=duration or tags=immutable", Syntax::toTagRule);
  }

  private static TagRule toTagRule(String text) {
    int equals = text.indexOf('=');
    require(equals > 0, "such as latest=1m");
    NamePattern tags = NamePattern.parseForTags(text.substring(0, equals).strip());
    String interval = text.substring(equals + 1).strip();
    return new TagRule(
        tags,
        interval.equals("immutable")
            ? Optional.empty()
            : Optional.of(DurationSyntax.parse(interval)));
  }

  /** A text that can stand in quotes in a challenge. */
  static Syntax<String> realm() {
    return plain(
        "text",
        text -> {
          require(REALM.matcher(text).matches(), "up to 100 letters, digits, spaces and ._/:-");
          return text;
        });
  }

  static Syntax<List<NamePattern>> repositoryGlobs() {
    return list("list of repositories, with * and ?", NamePattern::parseForRepositories);
  }

  static Syntax<List<Pin>> pins() {
    Syntax<List<Pin>> any = list("list of up to 100 repositories or repositories:tags", Pin::parse);
    return new Syntax<>(
        any.expected(),
        any.kind(),
        text -> {
          List<Pin> pins = any.parser().apply(text);
          require(pins.size() <= MAX_PINS, "");
          return pins;
        });
  }

  static Syntax<List<PlannedPrefetch>> prefetches() {
    return new Syntax<>(
        "list of up to 100 times of cron, each with an image",
        Kind.LIST,
        text -> {
          List<PlannedPrefetch> plans =
              PlannedPrefetch.items(text).stream().map(PlannedPrefetch::parse).distinct().toList();
          require(plans.size() <= PlannedPrefetch.MAX, "");
          return plans;
        });
  }

  static Syntax<Boolean> bool() {
    return choice(List.of(true, false));
  }

  /** One of {@code values}, written in lower case with hyphens. */
  static <T> Syntax<T> choice(List<T> values) {
    List<String> names = values.stream().map(Syntax::choiceName).toList();
    return plain(
        String.join(" or ", names),
        text -> {
          int index = names.indexOf(text);
          require(index >= 0, "");
          return values.get(index);
        });
  }

  static Syntax<Integer> integer(int min, int max) {
    return plain(
        "integer " + min + ".." + max,
        text -> {
          require(INTEGER.matcher(text).matches(), "");
          int value = Integer.parseInt(text);
          require(min <= value && value <= max, "");
          return value;
        });
  }

  static Syntax<Duration> duration() {
    return plain(
        "duration",
        text -> {
          Duration value = DurationSyntax.parse(text);
          require(value.compareTo(LONGEST) <= 0, "at most 36500d");
          return value;
        });
  }

  /** A duration within bounds, in the form that settings have. */
  static Syntax<Duration> duration(String min, String max) {
    Duration least = DurationSyntax.parse(min);
    Duration most = DurationSyntax.parse(max);
    return plain(
        "duration " + min + ".." + max,
        text -> {
          Duration value = DurationSyntax.parse(text);
          require(least.compareTo(value) <= 0 && value.compareTo(most) <= 0, "");
          return value;
        });
  }

  static Syntax<Long> size() {
    return plain("size", SizeSyntax::parse);
  }

  /** A size within bounds, in the form that settings have. */
  static Syntax<Long> size(String min, String max) {
    long least = SizeSyntax.parse(min);
    long most = SizeSyntax.parse(max);
    return plain(
        "size " + min + ".." + max,
        text -> {
          long value = SizeSyntax.parse(text);
          require(least <= value && value <= most, "");
          return value;
        });
  }

  static Syntax<Address> address() {
    return plain("host:port", Address::parse);
  }

  static Syntax<URI> registry() {
    return plain("http or https URL of a registry", UrlSyntax::registry);
  }

  static Syntax<List<URI>> registries() {
    return list("list of http or https URLs of registries", UrlSyntax::registry);
  }

  static Syntax<URI> origin() {
    return plain("http or https URL of host and port", UrlSyntax::origin);
  }

  static Syntax<List<URI>> safeOrigins() {
    return list("list of https URLs of host and port", UrlSyntax::safeOrigin);
  }

  static Syntax<List<Cidr>> networks() {
    return list("list of IP addresses or networks", Cidr::parse);
  }

  static Syntax<Path> path() {
    return plain("path", Syntax::toPath);
  }

  private static Path toPath(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e.getReason(), e);
    }
  }

  static Syntax<String> host() {
    return plain("host name", HostSyntax::host);
  }

  static Syntax<List<String>> hosts() {
    return list("list of host names", HostSyntax::host);
  }

  /** A name for an upstream; it can be the first component of a repository name. */
  static Syntax<String> upstreamName() {
    return plain(UPSTREAM_NAME, Syntax::toUpstreamName);
  }

  /**
   * A list of names. A name that is listed twice is kept twice, so that the error can be reported.
   */
  static Syntax<List<String>> upstreamNames() {
    return new Syntax<>(
        "list of names such as ghcr.io",
        Kind.LIST,
        text -> items(text).map(Syntax::toUpstreamName).toList());
  }

  private static String toUpstreamName(String text) {
    boolean valid = text.length() <= MAX_UPSTREAM_NAME && isRepositoryName(text);
    require(valid && text.indexOf('/') < 0, "lower case, no scheme, no port, no path");
    return text;
  }

  private static boolean isRepositoryName(String text) {
    try {
      RepositoryName.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }

  static Syntax<List<String>> hostPatterns() {
    return list("list of host names, .suffixes or *", HostSyntax::pattern);
  }

  /** Hosts, suffixes, addresses and networks to which an upstream may lead. */
  static Syntax<List<String>> insidePlaces() {
    return list("list of host names, .suffixes, IP addresses or networks", HostSyntax::place);
  }

  static <T> Syntax<T> plain(String expected, Function<String, T> parser) {
    return new Syntax<>(expected, Kind.PLAIN, parser);
  }

  static <T> Syntax<List<T>> list(String expected, Function<String, T> parser) {
    return new Syntax<>(expected, Kind.LIST, text -> items(text).map(parser).distinct().toList());
  }

  static Stream<String> items(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).filter(item -> !item.isEmpty());
  }

  private static String choiceName(Object value) {
    return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static void require(boolean condition, String hint) {
    if (!condition) {
      throw new IllegalArgumentException(hint);
    }
  }
}
