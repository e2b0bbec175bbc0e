package io.entrepot.upstream;

import io.entrepot.oci.Cost;

/**
 * An upstream that a person can take out and back in while this runs. While it is out, it is as if
 * it were set to offline. What it is sending just then still arrives. Thread-safe.
 */
public final class OfflineSwitch implements Upstream {
  private final Upstream connected;
  private final Upstream offline = new Offline();
  private volatile boolean isOut;

  /**
   * Begins with the upstream in.
   *
   * @param connected sends the requests; closed with this
   */
  public OfflineSwitch(Upstream connected) {
    this.connected = connected;
  }

  /** Takes the upstream out, or back in. */
  public void takeOut(boolean out) {
    isOut = out;
  }

  public boolean isOut() {
    return isOut;
  }

  private Upstream now() {
    return isOut ? offline : connected;
  }

  @Override
  public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
    return now().ask(query, cost);
  }

  @Override
  public Upstream as(ClientCredentials client) {
    return now().as(client);
  }

  @Override
  public boolean isScarce() {
    return now().isScarce();
  }

  @Override
  public boolean isReachable() {
    return now().isReachable();
  }

  @Override
  public void close() {
    connected.close();
  }
}
