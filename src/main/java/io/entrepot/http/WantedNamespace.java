package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Query;
import io.entrepot.oci.Quoted;
import io.entrepot.routing.Namespace;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads which registry a client wants: from {@code ns} and from the header OCI-Namespace. */
final class WantedNamespace {
  private WantedNamespace() {}

  /**
   * Reads the query parameter {@code ns}, which containerd sends to its mirrors, and the header
   * {@code OCI-Namespace}. Both mean the same.
   *
   * @return the registry; null if the client names none
   * @throws OciException if the query is malformed, or if two different registries are named
   */
  static @Nullable String of(HttpServletRequest request) {
    String wanted = Query.parse(request.getQueryString()).get("ns");
    List<String> headers = Collections.list(request.getHeaders(Headers.NAMESPACE));
    for (String header : headers) {
      String named = header.strip();
      if (wanted != null && !Namespace.of(wanted).isSameAs(Namespace.of(named))) {
        throw new OciException(
            OciError.NAME_INVALID,
            "ns and %s name two registries: %s and %s"
                .formatted(Headers.NAMESPACE, Quoted.of(wanted), Quoted.of(named)));
      }
      wanted = wanted == null ? named : wanted;
    }
    return wanted;
  }
}
