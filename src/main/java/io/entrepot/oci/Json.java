package io.entrepot.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Jackson as it is used here: with a bound to the depth, and with buffers from a bounded pool. Its
 * own default is a buffer for each thread that ever used it, and through the server's threads those
 * would hold on to the application after its undeployment. Thread-safe.
 */
public final class Json {
  /** What nothing that is written here exceeds. */
  private static final int DEPTH = 64;

  private Json() {}

  /** Buffers that belong to the application. */
  public static RecyclerPool<BufferRecycler> buffers() {
    return JsonRecyclerPools.sharedBoundedPool();
  }

  /**
   * Begins a factory.
   *
   * @param maxDepth how deep what is read may be nested
   */
  public static JsonFactoryBuilder factory(int maxDepth) {
    return (JsonFactoryBuilder)
        JsonFactory.builder()
            .recyclerPool(buffers())
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(maxDepth).build());
  }

  /** Makes a mapper for what is shallow. */
  public static ObjectMapper mapper() {
    return mapper(DEPTH);
  }

  /**
   * Makes a mapper.
   *
   * @param maxDepth how deep what is read may be nested
   */
  public static ObjectMapper mapper(int maxDepth) {
    return new ObjectMapper(factory(maxDepth).build());
  }
}
