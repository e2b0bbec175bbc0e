package io.entrepot.routing;

import io.entrepot.routing.Places.Party;

/** One run of a job. Used under the monitor of {@link FairThreads}. */
final class Turn {
  final Job job;
  final Party party;

  /** Whether the job counts as a large one. */
  boolean large;

  /** When it began, by the clock of {@link FairThreads}. */
  long since;

  Turn(Job job, String upstream) {
    this.job = job;
    this.party = new Party(job.client(), upstream);
  }
}
