package io.entrepot.cache.tags;

import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.catalog.Deviation;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Reference;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.Source;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The facts that this cache knows about one manifest now. Sends no upstream request. */
final class ManifestFacts implements Verdict.Facts {
  private final Source source;
  private final @Nullable TagEntry entry;
  private final BooleanSupplier held;
  private final Question question;
  private final Questions questions;
  private final MovedTagChecks checks;
  private final Clock clock;

  /**
   * Takes the objects that know the facts. Each fact is looked up when it is needed.
   *
   * @param entry the stored entry of the tag; null for a digest or an unknown tag
   * @param held whether the manifest is stored
   */
  ManifestFacts(
      Source source,
      Reference reference,
      @Nullable TagEntry entry,
      BooleanSupplier held,
      Questions questions,
      MovedTagChecks checks,
      Clock clock) {
    this.source = source;
    this.entry = entry;
    this.held = held;
    this.question = Question.of(source, reference);
    this.questions = questions;
    this.checks = checks;
    this.clock = clock;
  }

  static Freshness.State state(Source source, TagEntry entry, Instant now) {
    return source.freshness().stateOf(entry.tag(), entry.resolvedAt(), entry.freshFor(), now);
  }

  /** How an answer says why the tag does not lead where the upstream says. */
  static @Nullable String detail(@Nullable Deviation deviation) {
    return deviation == null ? null : deviation.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean isHeld() {
    return held.getAsBoolean();
  }

  @Override
  public boolean isGranted() {
    return source.isGranted();
  }

  /** A digest is always fresh, because its content never changes. */
  @Override
  public Freshness.State state() {
    return entry == null ? Freshness.State.FRESH : state(source, entry, clock.instant());
  }

  @Override
  public boolean isResolved() {
    return entry != null && state() == Freshness.State.FRESH;
  }

  @Override
  public boolean isCheckDue() {
    return entry != null
        && source.freshness().isImmutable(entry.tag())
        && !source.isScarce()
        && !isAbsent()
        && checks.isDue(question, entry.resolvedAt(), clock.instant());
  }

  @Override
  public boolean isRefused() {
    return questions.isRefused(question);
  }

  @Override
  public boolean isScarce() {
    return source.isScarce();
  }

  @Override
  public boolean isAbsent() {
    return questions.findAbsence(question).isPresent();
  }

  @Override
  public boolean isReachable() {
    return source.isReachable();
  }
}
