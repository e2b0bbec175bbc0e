package io.entrepot.upstream.auth;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the upstream with the proof that it wants. After a refusal it tries once more
 * with a new token. After a refused password it tries a new password where there is one, and then,
 * if the options allow it, none. Thread-safe.
 */
public final class AuthorizedTransport {
  /** No proof, a password, the new password, and no proof again. */
  private static final int MAX_TRIES = 4;

  private final HttpTransport transport;
  private final Authorizer authorizer;
  private final Clock clock;

  public AuthorizedTransport(HttpTransport transport, Authorizer authorizer, Clock clock) {
    this.transport = transport;
    this.authorizer = authorizer;
    this.clock = clock;
  }

  /**
   * Sends a request along its redirects.
   *
   * @return an answer of any status but a redirect or a refusal, which the caller must close
   */
  public Answer send(UpstreamRequest request, Call call) throws UpstreamException {
    Authorization proof = authorizer.known(call);
    for (int tries = 1; true; tries++) {
      Answer answer = transport.follow(request, proof == null ? null : proof.header(), call);
      if (!isRefused(answer)) {
        return answer;
      }
      try (answer) {
        if (isFinal(proof, tries)) {
          throw authorizer.refused(answer, proof, call);
        }
        proof = authorizer.afterRefusal(answer, proof, call);
        answer.drain();
      }
    }
  }

  private static boolean isFinal(@Nullable Authorization proof, int tries) {
    boolean newToken = proof instanceof Authorization.Bearer && tries > 1;
    return newToken || proof instanceof Authorization.Nobody || tries == MAX_TRIES;
  }

  /** Like {@link #send}, but every status except 200 is an exception. */
  public Answer sendForOk(UpstreamRequest request, Call call) throws UpstreamException {
    Answer answer = send(request, call);
    if (answer.status() == 200) {
      return answer;
    }
    throw failure(answer);
  }

  /** The failure that a status means; closes the answer. */
  public UpstreamException failure(Answer answer) {
    try (answer) {
      return UpstreamFailures.of(answer, clock);
    }
  }

  /** Only a refusal of the upstream itself counts, not one of a place that it redirects to. */
  private static boolean isRefused(Answer answer) {
    return answer.isFromUpstream() && answer.isRefusal();
  }
}
