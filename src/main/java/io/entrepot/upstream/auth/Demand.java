package io.entrepot.upstream.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.memory.Weight;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.wire.Answer;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an upstream demands before it answers. */
sealed interface Demand {
  /** In characters. A longer parameter is not believed. */
  int MAX_PARAMETER = 1024;

  /** The bytes of memory that it takes. */
  int weight();

  /** The bytes that a URL takes: its text, and again its parts. */
  static int weight(URI uri) {
    return 2 * Weight.of(uri.toString()) + 4 * Weight.RECORD;
  }

  /** A user and a password. */
  record Basic() implements Demand {
    @Override
    public int weight() {
      return Weight.RECORD;
    }
  }

  /**
   * A token with these parameters.
   *
   * @param scope what the upstream named, or null for the scope of the call
   */
  record Bearer(URI realm, String service, @Nullable Scope scope) implements Demand {
    @Override
    public int weight() {
      String named = scope == null ? "" : scope.value();
      return Weight.RECORD + Demand.weight(realm) + Weight.of(service) + Weight.of(named);
    }
  }

  /**
   * Reads the demand of a refusal. Bearer comes first.
   *
   * @return null where there is no demand that we can meet
   */
  static @Nullable Demand read(Answer refusal) {
    return read(Challenge.parse(refusal.headers("WWW-Authenticate")));
  }

  static @Nullable Demand read(List<Challenge> challenges) {
    for (Challenge challenge : challenges) {
      Bearer bearer = challenge.scheme().equals("bearer") ? bearer(challenge) : null;
      if (bearer != null) {
        return bearer;
      }
    }
    return Challenge.find(challenges, "basic").map(c -> new Basic()).orElse(null);
  }

  private static @Nullable Bearer bearer(Challenge challenge) {
    String realm = challenge.get("realm");
    String service = challenge.get("service");
    String scope = challenge.get("scope");
    if (realm == null || isLong(realm) || isLong(service) || isLong(scope)) {
      return null;
    }
    try {
      return new Bearer(
          withoutScope(new URI(realm)),
          service == null ? "" : service,
          scope == null || scope.isEmpty() ? null : new Scope(scope));
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** The realm without a scope of its own in the query, which would be asked for beside ours. */
  private static URI withoutScope(URI realm) throws URISyntaxException {
    String query = realm.getRawQuery();
    if (query == null || !URLDecoder.decode(query, UTF_8).contains("scope")) {
      return realm;
    }
    String kept =
        Arrays.stream(query.split("[&;]", -1))
            .filter(parameter -> !URLDecoder.decode(parameter, UTF_8).startsWith("scope"))
            .collect(Collectors.joining("&"));
    String text = realm.toString();
    String before = text.substring(0, text.indexOf('?'));
    String fragment = realm.getRawFragment() == null ? "" : "#" + realm.getRawFragment();
    return new URI(before + (kept.isEmpty() ? "" : "?" + kept) + fragment);
  }

  private static boolean isLong(@Nullable String text) {
    return text != null && text.length() > MAX_PARAMETER;
  }
}
