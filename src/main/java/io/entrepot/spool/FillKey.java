package io.entrepot.spool;

import io.entrepot.oci.Digest;

/**
 * Names a fill: the blob, and the upstream that sends it. If two upstreams have the same blob, each
 * has a fill of its own. So a slow upstream holds up its own clients only, and neither bytes nor
 * sizes of one upstream are given out as those of another.
 *
 * @param upstream the name of the upstream; its mirrors count as the upstream
 */
public record FillKey(String upstream, Digest digest) {}
