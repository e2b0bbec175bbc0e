package io.entrepot.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Factory of Jackson's parsers and mappers, with a limit to the depth and with buffers from a
 * bounded pool. By default Jackson keeps a buffer for each thread. On the server's threads such
 * buffers would keep the application in memory after its undeployment. Thread-safe.
 */
public final class Json {
  /** The depth limit of {@link #mapper()}. No JSON that this application writes is deeper. */
  private static final int DEPTH = 64;

  private Json() {}

  /** The pool of buffers, which belongs to the application. */
  public static RecyclerPool<BufferRecycler> buffers() {
    return JsonRecyclerPools.sharedBoundedPool();
  }

  /**
   * Makes a builder of factories.
   *
   * @param maxDepth how deep the JSON may be nested
   */
  public static JsonFactoryBuilder factory(int maxDepth) {
    return (JsonFactoryBuilder)
        JsonFactory.builder()
            .recyclerPool(buffers())
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(maxDepth).build());
  }

  /** Makes a mapper for JSON that is at most 64 levels deep. */
  public static ObjectMapper mapper() {
    return mapper(DEPTH);
  }

  /**
   * Makes a mapper.
   *
   * @param maxDepth how deep the JSON may be nested
   */
  public static ObjectMapper mapper(int maxDepth) {
    return new ObjectMapper(factory(maxDepth).build());
  }
}
