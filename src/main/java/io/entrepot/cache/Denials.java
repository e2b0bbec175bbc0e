package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Questions that the upstream has last refused to answer (401 or 403). An older answer stands in
 * for none of them until the upstream gives one again: who has lost the right to a thing does not
 * regain it because the upstream fails meanwhile. In memory and bounded. Thread-safe.
 */
public final class Denials {
  /** One that is forgotten here is answered stale once more at most before it is refused again. */
  private static final int MAX = 10_000;

  private final Cache<String, Boolean> questions =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();

  public boolean has(String question) {
    return questions.getIfPresent(question) != null;
  }

  public void note(String question) {
    questions.put(question, true);
  }

  public void lift(String question) {
    questions.invalidate(question);
  }
}
