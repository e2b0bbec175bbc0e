package io.entrepot.memory;

import java.util.Locale;

/** What may use a part of the {@link MemoryBudget}. */
public enum Share {
  /** Small blobs and manifests with their bytes. */
  SMALL_BLOBS(14),
  /** Links from repositories to digests. */
  LINKS(8),
  /** Where tags lead. */
  TAGS(4),
  /** Last uses of links that are not in the database yet. */
  USES(3),
  /** Lists of tags. */
  TAG_LISTS(6),
  /** Lists of referrers. */
  REFERRERS(4),
  /** Tokens of the upstreams. */
  TOKENS(5),
  /** Tokens of the registries to which upstreams redirect. */
  TARGET_TOKENS(2),
  /** What upstreams demand before they answer. */
  DEMANDS(1),
  /** What the registries demand to which upstreams redirect. */
  TARGET_DEMANDS(1),
  /** Credentials that were refused. */
  REFUSED_CREDENTIALS(1),
  /** Questions at which upstreams have just failed. */
  FAILURES(2),
  /** What HEAD was worth in each repository. */
  HEADS(1),
  /** What upstreams do not have. */
  ABSENCES(2),
  /** What upstreams refuse. */
  REFUSALS(2),
  /** What clients asked for and an upstream that is offline would have. */
  MISSING(1),
  /** When it was checked whether immutable tags have moved. */
  TAG_CHECKS(1),
  /** Manifests that clients have pulled lately, whose content was looked for. */
  AHEAD(1),
  /** Logins and tokens of clients that were verified, and addresses whose logins failed. */
  LOGINS(1),
  /** What upstreams have said of single clients. */
  GRANTS(1),
  /** Where tags lead for single clients. */
  CLIENT_TAGS(1),
  /** Questions to upstreams that wait or are under way. */
  QUESTIONS(6),
  /** Blobs that are fetched or wait to be fetched. Their bytes are on the disk. */
  FILLS(4),
  /** Large manifests and lists that are being read. */
  BODIES(24);

  /** The sum of all. */
  static final int PARTS = 96;

  private final int parts;

  Share(int parts) {
    this.parts = parts;
  }

  /** Its bytes of a whole. */
  long of(long whole) {
    return whole / PARTS * parts;
  }

  /** As statistics show it, such as {@code tag-lists}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
