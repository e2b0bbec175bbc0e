package io.entrepot.config;

import java.util.List;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.InvalidNameException;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.NotContextException;
import org.jspecify.annotations.Nullable;

/**
 * Looks up JNDI names wherever servers bind them: the component's environment, then the global one,
 * then the bare name. As thread-safe as the context it is given, which for all servers' {@link
 * InitialContext} means: use it from one thread at a time.
 */
public final class JndiLookup {
  private final @Nullable Context context;

  /** Looks up names in {@code context}. */
  public JndiLookup(Context context) {
    this.context = context;
  }

  private JndiLookup() {
    context = null;
  }

  /** The lookup in this process's naming; finds nothing if there is none. */
  public static JndiLookup ofThisProcess() {
    try {
      return new JndiLookup(new InitialContext());
    } catch (NamingException e) {
      return new JndiLookup();
    }
  }

  /**
   * Finds what is bound as {@code java:comp/env/name}, {@code java:global/name} or {@code name}, in
   * this order; a name that begins with {@code java:} is looked up as it is.
   *
   * @throws ConfigurationException if it is bound but cannot be had
   * @throws IllegalArgumentException if {@code name} has another scheme, which would make naming
   *     load objects from the network
   */
  public Optional<Object> find(String name) {
    return bound(name).map(Bound::value);
  }

  /** Finds {@code name} as {@link #find} does, and tells which of the names it was. */
  Optional<Bound> bound(String name) {
    if (name.contains(":") && !name.startsWith("java:")) {
      throw new IllegalArgumentException("not a local JNDI name: " + name);
    }
    List<String> names =
        name.startsWith("java:")
            ? List.of(name)
            : List.of("java:comp/env/" + name, "java:global/" + name, name);
    for (String candidate : names) {
      Object value = lookup(candidate);
      if (value != null) {
        return Optional.of(new Bound(candidate, value));
      }
    }
    return Optional.empty();
  }

  @SuppressWarnings("BanJNDI") // bound() lets local names pass only.
  private @Nullable Object lookup(String name) {
    if (context == null) {
      return null;
    }
    try {
      return context.lookup(name);
    } catch (NamingException e) {
      if (saysAbsent(e)) {
        return null;
      }
      // The classes only: a message of a connection pool may bear a password.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConfigurationException(
          List.of("JNDI %s: lookup failed (%s)".formatted(name, cause.getClass().getName())));
    }
  }

  /**
   * Servers differ in how they say that nothing is bound: Payara wraps the exception, and Tomcat
   * has a bare one for names without {@code java:}. A resource that could not be made has a cause.
   */
  private static boolean saysAbsent(NamingException e) {
    if (e.getClass() == NamingException.class && e.getCause() == null) {
      return true;
    }
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof NameNotFoundException
          || cause instanceof NoInitialContextException
          || cause instanceof NotContextException
          || cause instanceof InvalidNameException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /**
   * A value and the full name under which it was found.
   *
   * @param value not null
   */
  record Bound(String name, Object value) {}
}
