package io.entrepot.access;

import java.util.Locale;

/** What a rule can give. */
public enum Right {
  /** To pull manifests, blobs, tags and referrers of repositories. */
  PULL,
  /** To read the administrative API and the metrics. */
  VIEW,
  /** To change something. */
  MANAGE;

  /** As in the settings, such as {@code pull}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
