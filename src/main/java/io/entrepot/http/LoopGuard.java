package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Via;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;

/**
 * Refuses requests that this cache has sent itself, directly or through other caches. This happens
 * if the URL of an upstream leads back to this cache. Without it, each request would wait for
 * itself. Immutable.
 */
public final class LoopGuard {
  private final String own;

  /** The answer for most requests, which come through no other cache. */
  private final Via alone;

  /**
   * Guards against one name.
   *
   * @param own the name of this cache in the header {@code Via} of its upstream requests
   */
  public LoopGuard(String own) {
    this.own = own;
    this.alone = Via.NONE.with(own);
  }

  /**
   * Checks a request.
   *
   * @return the caches that upstream requests for this request come through
   * @throws OciException if this cache is among them already
   */
  Via enter(HttpServletRequest request) {
    Enumeration<String> fields = request.getHeaders("Via");
    if (!fields.hasMoreElements()) {
      return alone;
    }
    Via via = Via.parse(Collections.list(fields));
    if (via.caches().contains(own)) {
      throw new OciException(
          OciError.LOOP,
          "this request comes from this cache itself: the URL of an upstream leads back to it");
    }
    if (via.caches().size() >= Via.MAX_CACHES) {
      throw new OciException(
          OciError.LOOP, "this request came through " + via.caches().size() + " caches in a row");
    }
    return via.with(own);
  }
}
