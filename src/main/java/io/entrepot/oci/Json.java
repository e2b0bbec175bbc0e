package io.entrepot.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Factory of Jackson's mappers for JSON of our own, with buffers from a bounded pool. By default
 * Jackson keeps a buffer for each thread. On the server's threads such buffers would keep the
 * application in memory after its undeployment. {@link ForeignJson} reads what others have made.
 * Thread-safe.
 */
public final class Json {
  /** No JSON that this application writes is deeper. */
  private static final int DEPTH = 64;

  /** How many unused buffers are kept; one can grow to some 200 KiB. */
  private static final int MAX_BUFFERS = 16;

  private static final RecyclerPool<BufferRecycler> BUFFERS =
      JsonRecyclerPools.newBoundedPool(MAX_BUFFERS);

  private Json() {}

  /** The pool of buffers, which belongs to the application. */
  public static RecyclerPool<BufferRecycler> buffers() {
    return BUFFERS;
  }

  /** Makes a mapper. */
  public static ObjectMapper mapper() {
    return new ObjectMapper(
        JsonFactory.builder()
            .recyclerPool(BUFFERS)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
            .build());
  }
}
