package io.entrepot.config;

/** What the ttl counts from. */
public enum Expire {
  AFTER_USE,
  AFTER_FETCH
}
