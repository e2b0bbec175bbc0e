package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the upstream with the proof that it wants.
 *
 * <ul>
 *   <li>After a refusal it tries once more with a new token. After a refused password it tries a
 *       new password where there is one, and then, if the options allow it, none.
 *   <li>Some registries hide what is private by a 404. So before a first "no" without a challenge
 *       is believed, it asks {@code /v2/} for one.
 *   <li>The challenge of a registry to which the upstream redirects is answered too, but without
 *       credentials.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class AuthorizedTransport {
  /** No proof, a password, the new password, no proof again, and two registries behind it. */
  private static final int MAX_TRIES = 6;

  private final URI ping;
  private final HttpTransport transport;
  private final Authorizer authorizer;
  private final TargetTokens targets;
  private final Clock clock;

  /**
   * @param ping the URL of {@code /v2/}
   */
  public AuthorizedTransport(
      URI ping, HttpTransport transport, Authorizer authorizer, TargetTokens targets, Clock clock) {
    this.ping = ping;
    this.transport = transport;
    this.authorizer = authorizer;
    this.targets = targets;
    this.clock = clock;
  }

  /**
   * The last answer to a request.
   *
   * @param refusal the failure where the upstream's last word is a refusal; else null
   */
  private record Outcome(Answer answer, @Nullable UpstreamException refusal) {}

  /**
   * Sends a request along its redirects.
   *
   * @return an answer of any status but a redirect or a refusal of the upstream, which the caller
   *     must close
   */
  public Answer send(UpstreamRequest request, Call call) throws UpstreamException {
    Outcome outcome = prove(request, call);
    if (outcome.refusal() != null) {
      outcome.answer().close();
      throw outcome.refusal();
    }
    return outcome.answer();
  }

  /**
   * Like {@link #send}, but a refusal is an answer like any other. For a HEAD: what is refused to
   * it can be allowed to a GET.
   */
  public Answer hint(UpstreamRequest request, Call call) throws UpstreamException {
    return prove(request, call).answer();
  }

  private Outcome prove(UpstreamRequest request, Call call) throws UpstreamException {
    Attempts attempts = new Attempts(request, call);
    while (true) {
      Answer answer = attempts.send();
      Outcome outcome = null;
      try {
        outcome = attempts.judge(answer);
        if (outcome != null) {
          return outcome;
        }
        answer.drain();
      } finally {
        if (outcome == null) {
          answer.close();
        }
      }
    }
  }

  /** The attempts of one call to get an answer that is no challenge. */
  private final class Attempts {
    private final Call call;
    private final Set<Origin> challenged = new HashSet<>();
    private UpstreamRequest next;
    private @Nullable Authorization proof;
    private int tries;

    Attempts(UpstreamRequest request, Call call) throws UpstreamException {
      this.next = request;
      this.call = call;
      this.proof = authorizer.known(call);
    }

    Answer send() throws UpstreamException {
      tries++;
      String header = proof == null ? null : proof.header();
      return transport.follow(next, header, target -> targets.find(target, call), call);
    }

    /** The outcome; null where a better proof is there and the request should go out again. */
    @Nullable Outcome judge(Answer answer) throws UpstreamException {
      if (answer.isFromTarget()) {
        if (tries == MAX_TRIES || !targets.learn(answer, challenged, call)) {
          return new Outcome(answer, null);
        }
        next = answer.request();
        return null;
      }
      boolean no = answer.isRefusal() || answer.status() == 404;
      if (answer.status() == 200 && answer.uri().equals(ping)) {
        authorizer.introduced();
      }
      if (no && isFirst(answer)) {
        introduce();
        if (proof != null) {
          return null;
        }
      }
      if (answer.status() == 404 && proof instanceof Authorization.Unproven unproven) {
        throw unproven.failure();
      }
      return answer.isRefusal() && !RegistryMarks.isForeign(answer)
          ? judgeRefusal(answer)
          : new Outcome(answer, null);
    }

    /** Whether it is a first "no", to a request without proof, and names no challenge. */
    private boolean isFirst(Answer answer) {
      return proof == null
          && !authorizer.isIntroduced()
          && !answer.uri().equals(ping)
          && Demand.read(answer) == null
          && !RegistryMarks.isForeign(answer);
    }

    private void introduce() throws UpstreamException {
      Answer answer = transport.follow(UpstreamRequest.get(ping), null, target -> null, call);
      try (answer) {
        boolean no = answer.isRefusal() || answer.status() == 404;
        if (!no && answer.status() != 200) {
          throw UpstreamFailures.of(answer, clock);
        }
        if (!no) {
          RegistryMarks.requireApi(answer);
        }
        if (answer.isFromTarget() || !no || !RegistryMarks.isForeign(answer)) {
          answer.drain(); // its connection is free for the token
          proof = authorizer.introduce(answer, call);
        }
      }
    }

    private @Nullable Outcome judgeRefusal(Answer answer) throws UpstreamException {
      Authorization used = proof;
      answer.drain(); // its connection is free for the token
      if (isFinal(used)) {
        return new Outcome(answer, authorizer.refused(answer, used, call));
      }
      try {
        proof = authorizer.afterRefusal(answer, used, call);
        return null;
      } catch (UpstreamException e) {
        if (e.failure() == Failure.DENIED) {
          return new Outcome(answer, e);
        }
        throw e;
      }
    }

    private boolean isFinal(@Nullable Authorization used) {
      boolean newToken = used instanceof Authorization.Bearer && tries > 1;
      return newToken || used instanceof Authorization.Nobody || tries == MAX_TRIES;
    }
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
}
