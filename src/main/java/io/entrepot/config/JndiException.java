package io.entrepot.config;

import java.util.List;

/**
 * The failure of a lookup: the name is bound, but the server cannot make the object. The message
 * has no text of the server, because that of a connection pool may contain a password.
 */
public final class JndiException extends ConfigurationException {
  private static final long serialVersionUID = 1;

  private final String name;

  /** Not the cause of this exception: servers would log it with its text. */
  private final transient Throwable reason;

  JndiException(String name, Throwable reason) {
    super(List.of("JNDI %s: lookup failed (%s)".formatted(name, reason.getClass().getName())));
    this.name = name;
    this.reason = reason;
  }

  /** The full name that was looked up. */
  public String name() {
    return name;
  }

  /** What the server has thrown. Its text may contain a password. */
  public Throwable reason() {
    return reason;
  }
}
