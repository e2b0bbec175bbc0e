package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.UpstreamException.Failure;

/** An upstream that must not be asked: every call fails at once, and nothing is sent. Immutable. */
public final class Offline implements Upstream {
  @Override
  public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
    throw new UpstreamException(
        Failure.OFFLINE, query + " is not here, and its upstream is set to offline");
  }

  @Override
  public boolean isReachable() {
    return false;
  }

  @Override
  public boolean isScarce() {
    return false;
  }

  @Override
  public void close() {}
}
