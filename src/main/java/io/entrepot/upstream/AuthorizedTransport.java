package io.entrepot.upstream;

import java.time.Clock;

/**
 * The sending of requests to the upstream with the proof it wants. A refusal is answered once, with
 * a token that is new; a second one is final. Thread-safe.
 */
final class AuthorizedTransport {
  private final HttpTransport transport;
  private final Authorizer authorizer;
  private final Clock clock;

  AuthorizedTransport(HttpTransport transport, Authorizer authorizer, Clock clock) {
    this.transport = transport;
    this.authorizer = authorizer;
    this.clock = clock;
  }

  /**
   * Sends a request along its redirects.
   *
   * @return an answer of any status but a redirect or a refusal, which the caller must close
   */
  Answer send(UpstreamRequest request, Call call) throws UpstreamException {
    Authorization first = authorizer.known(call);
    Answer answer = transport.follow(request, first, call);
    if (!isRefused(answer)) {
      return answer;
    }
    Authorization second;
    try (answer) {
      second = authorizer.afterRefusal(answer, first, call);
      answer.drain();
    }
    Answer again = transport.follow(request, second, call);
    if (!isRefused(again)) {
      return again;
    }
    try (again) {
      throw authorizer.refused(again, second);
    }
  }

  /** As {@link #send}, but every status except 200 is an exception. */
  Answer sendForOk(UpstreamRequest request, Call call) throws UpstreamException {
    Answer answer = send(request, call);
    if (answer.status() == 200) {
      return answer;
    }
    throw failure(answer);
  }

  /** What a status says; closes the answer. */
  UpstreamException failure(Answer answer) {
    try (answer) {
      return Failures.of(answer, clock);
    }
  }

  /** A place that the upstream redirects to has no say in our rights. */
  private static boolean isRefused(Answer answer) {
    return answer.isFromUpstream() && answer.isRefusal();
  }
}
