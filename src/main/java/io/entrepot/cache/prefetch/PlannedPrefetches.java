package io.entrepot.cache.prefetch;

import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.prefetch.PrefetchJob.State;
import io.entrepot.cache.prefetch.PrefetchJob.Wish;
import io.entrepot.cache.tags.ListAnswer;
import io.entrepot.cache.tags.ListCache;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.HeldRepositories.Order;
import io.entrepot.catalog.HeldRepositories.Wanted;
import io.entrepot.catalog.Pin;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the plans of the setting {@code prefetch}: finds the images that a plan means now, and
 * fetches one after the other. Thread-safe.
 */
public final class PlannedPrefetches {
  private static final Logger log = LoggerFactory.getLogger(PlannedPrefetches.class);

  /** The most images of one run, so that a wide pattern does not use up the upstream's limit. */
  static final int MAX_IMAGES = 1_000;

  /** How many names are read at once. */
  private static final int BATCH = 1_000;

  /** A list has deadlines of its own; this is longer than all of them. */
  private static final long LIST_MINUTES = 3;

  private final Sources sources;
  private final Catalog catalog;
  private final ListCache lists;
  private final Prefetches prefetches;

  /** Wires the collaborators. */
  public PlannedPrefetches(
      Sources sources, Catalog catalog, ListCache lists, Prefetches prefetches) {
    this.sources = sources;
    this.catalog = catalog;
    this.lists = lists;
    this.prefetches = prefetches;
  }

  /** Does a plan once. Blocks until all its images are here or have failed. */
  public void run(PrefetchPlan plan) {
    try {
      int failed = 0;
      List<Wish> wishes = wishes(plan);
      for (Wish wish : wishes) {
        Optional<PrefetchJob> job = prefetches.doNow(wish);
        if (job.isEmpty() || job.get().state() == State.FAILED) {
          failed++;
          String why = job.map(PrefetchJob::why).orElse("too many prefetches wait");
          log.warn("The planned prefetch of {} failed: {}", wish.reference(), why);
        }
      }
      log.info(
          "Prefetched \"{}\": {} images, {} of them failed", plan.text(), wishes.size(), failed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the application stops; the plan's next time comes
    } catch (RuntimeException e) {
      log.warn("The prefetch \"{}\" failed; its next time comes", plan.text(), e);
    }
  }

  private List<Wish> wishes(PrefetchPlan plan) throws InterruptedException {
    List<Wish> wishes = new ArrayList<>();
    for (Pin images : plan.images()) {
      for (RepositoryName repository : repositories(images.repositories())) {
        Optional<Source> source = sources.of(repository);
        if (source.isPresent()) {
          addWishes(plan, images, source.get(), wishes);
        }
        if (wishes.size() >= MAX_IMAGES) {
          log.warn(
              "The prefetch \"{}\" means more than {} images; the others are left out",
              plan.text(),
              MAX_IMAGES);
          return wishes.subList(0, MAX_IMAGES);
        }
      }
    }
    return wishes;
  }

  private void addWishes(PrefetchPlan plan, Pin images, Source source, List<Wish> wishes)
      throws InterruptedException {
    try {
      for (String tag : tags(images.tags(), source)) {
        ImageReference image = new ImageReference(null, source.shown(), Tag.parse(tag), null);
        wishes.add(Wish.of(image, source, plan.platforms(), plan.referrers()));
      }
    } catch (OciException | ExecutionException | TimeoutException e) {
      String why = ClientErrors.unwrapped(e).getMessage();
      log.warn("The planned prefetch of {}:{} failed: {}", source.shown(), images.tags(), why);
    }
  }

  /** The repository that is meant; for a pattern those that are held. */
  private List<RepositoryName> repositories(NamePattern pattern) {
    if (!pattern.isWild()) {
      return List.of(RepositoryName.of(pattern.pattern()));
    }
    List<RepositoryName> matching = new ArrayList<>();
    List<RepositoryName> batch = List.of();
    do {
      RepositoryName last = batch.isEmpty() ? null : batch.get(batch.size() - 1);
      batch = catalog.repositories().page(new Wanted("", "", Order.NAME, last), BATCH);
      batch.stream().filter(name -> pattern.matches(name.value())).forEach(matching::add);
    } while (batch.size() == BATCH && matching.size() < MAX_IMAGES);
    return matching;
  }

  /** The tag that is meant; for a pattern those that the upstream has now. */
  private List<String> tags(NamePattern pattern, Source source)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!pattern.isWild()) {
      return List.of(pattern.pattern());
    }
    List<String> matching = new ArrayList<>();
    Page next = new Page(BATCH, null);
    while (next != null && matching.size() <= MAX_IMAGES) {
      var list = new RegistryRequest.ListTags(source.shown(), next);
      ListAnswer page =
          lists
              .tags(new PullRequest(list, source, Prefetch.CLIENT), next)
              .get(LIST_MINUTES, TimeUnit.MINUTES);
      page.entries().stream().filter(pattern::matches).forEach(matching::add);
      next = page.next();
    }
    return matching;
  }
}
