package io.entrepot.access;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.UnusableJsonException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;

/**
 * What an OpenID Connect provider publishes of itself (OpenID Connect Discovery 1.0, section 3).
 * Only fields that are asked for have to be there.
 */
final class ProviderConfiguration {
  private static final int MAX = 64 << 10;
  private static final ForeignJson JSON = ForeignJson.upTo(MAX);

  private final URI place;
  private final Map<String, String> fields;

  private ProviderConfiguration(URI place, Map<String, String> fields) {
    this.place = place;
    this.fields = fields;
  }

  /** Reads it. It must be of this very issuer. */
  static ProviderConfiguration read(OidcProvider provider, KeySource source) throws IOException {
    URI place = provider.configuration();
    Map<String, String> fields = new HashMap<>();
    JSON.read(
        source.read(place, MAX),
        root ->
            root.fields(
                (name, value) -> {
                  if (name.equals("issuer") || value.isString()) {
                    fields.put(name, value.text());
                  }
                }));
    String issuer = fields.getOrDefault("issuer", "");
    if (!issuer.equals(provider.issuer())) {
      throw new UnusableJsonException(
          place + " is of the issuer " + Quoted.of(issuer) + ", not of " + provider.issuer());
    }
    return new ProviderConfiguration(place, fields);
  }

  /** A URL that it names. Where the provider itself has TLS, it must have TLS too. */
  URI url(String field) throws IOException {
    try {
      URI url = new URI(fields.getOrDefault(field, ""));
      String scheme = String.valueOf(url.getScheme());
      if (scheme.equals("https") || scheme.equals(place.getScheme())) {
        return url;
      }
    } catch (URISyntaxException e) {
      // It is as good as none.
    }
    throw new UnusableJsonException(place + " has no " + field);
  }
}
