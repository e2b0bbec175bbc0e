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
 * Looks up JNDI names in all places where servers bind them: the component's environment, the
 * global environment, and the bare name. Use it from one thread at a time, because {@link
 * InitialContext} is not thread-safe.
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

  /** A lookup in the JNDI of this process. Finds nothing if the process has none. */
  public static JndiLookup ofThisProcess() {
    try {
      return new JndiLookup(new InitialContext());
    } catch (NamingException e) {
      return new JndiLookup();
    }
  }

  /**
   * Finds the object that is bound as {@code java:comp/env/name}, {@code java:global/name} or
   * {@code name}, in this order. A name that begins with {@code java:} is looked up as it is.
   *
   * @throws ConfigurationException if a name is bound, but the lookup fails
   * @throws IllegalArgumentException if {@code name} has another scheme; JNDI could then load
   *     objects from the network
   */
  public Optional<Object> find(String name) {
    return bound(name).map(Bound::value);
  }

  /** Finds an object like {@link #find}, and also returns the name under which it is bound. */
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

  @SuppressWarnings("BanJNDI") // bound() refuses names that are not local
  private @Nullable Object lookup(String name) {
    if (context == null) {
      return null;
    }
    try {
      return context.lookup(name);
    } catch (NamingException e) {
      if (meansAbsent(e)) {
        return null;
      }
      // Only the class name: the message of a connection pool may contain a password.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConfigurationException(
          List.of("JNDI %s: lookup failed (%s)".formatted(name, cause.getClass().getName())));
    }
  }

  /**
   * Whether an exception means that nothing is bound. Servers throw different exceptions: Payara
   * wraps them, and Tomcat throws a plain one for names without {@code java:}. If a resource is
   * bound but could not be made, the exception has a cause.
   */
  private static boolean meansAbsent(NamingException e) {
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
   * A bound object.
   *
   * @param name the full name under which it is bound
   * @param value the object
   */
  record Bound(String name, Object value) {}
}
