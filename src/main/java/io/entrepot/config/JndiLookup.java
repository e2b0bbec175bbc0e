package io.entrepot.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
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
  /** A name that nobody binds. */
  private static final String NOBODYS = "entrepot-nobody-binds-this";

  /** Classes that a server gives for a value, or for an object that it has not made yet. */
  private static final Pattern MAYBE_VALUE =
      Pattern.compile("^java\\.lang\\.|^null$|(?:LinkRef|Reference|ResourceProxy)$");

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
   * @throws JndiException if a name is bound, but the lookup fails
   * @throws IllegalArgumentException if {@code name} has another scheme; JNDI could then load
   *     objects from the network
   */
  public Optional<Object> find(String name) {
    for (String candidate : candidates(name)) {
      Object value = lookup(candidate);
      if (value != null) {
        return Optional.of(value);
      }
      if (context != null && new JndiNames(context).isListed(candidate) && isRefused(candidate)) {
        throw new JndiException(candidate, new NameNotFoundException());
      }
    }
    return Optional.empty();
  }

  /**
   * Finds the value of a setting, like {@link #find}, with the name under which it is bound. A
   * blank text counts as not bound. The WAR binds one for each setting, and a server may have the
   * value under another name.
   */
  Optional<Bound> bound(String name) {
    for (String candidate : candidates(name)) {
      Object value = lookup(candidate);
      if (value != null && !(value instanceof String text && text.isBlank())) {
        return Optional.of(new Bound(candidate, value));
      }
    }
    return Optional.empty();
  }

  /**
   * The full names below a name that hold a value, a text or a number, although they are not known.
   *
   * @param root the name of the context to look in
   * @param known the names that are known, each beginning with {@code root}
   */
  List<String> unknownBelow(String root, Set<String> known) {
    if (context == null) {
      return List.of();
    }
    List<String> unknown = new ArrayList<>();
    for (String candidate : candidates(root)) {
      String prefix = candidate.substring(0, candidate.length() - root.length());
      new JndiNames(context)
          .below(candidate)
          .forEach(
              (name, type) -> {
                if (!known.contains(name.substring(prefix.length())) && isValue(name, type)) {
                  unknown.add(name);
                }
              });
    }
    return unknown;
  }

  /** Looks at the object only if the server does not say that it is something else. */
  private boolean isValue(String name, String type) {
    if (!MAYBE_VALUE.matcher(type).find()) {
      return false;
    }
    try {
      Object value = lookup(name);
      return value instanceof Number
          || value instanceof Boolean
          || (value instanceof String text && !text.isBlank());
    } catch (JndiException e) {
      return false;
    }
  }

  private static List<String> candidates(String name) {
    if (name.contains(":") && !name.startsWith("java:")) {
      throw new IllegalArgumentException("not a local JNDI name: " + name);
    }
    return name.startsWith("java:")
        ? List.of(name)
        : List.of("java:comp/env/" + name, "java:global/" + name, name);
  }

  private @Nullable Object lookup(String name) {
    try {
      return lookedUp(name);
    } catch (NamingException e) {
      if (meansAbsent(name, e)) {
        return null;
      }
      throw new JndiException(name, e.getCause() == null ? e : e.getCause());
    }
  }

  @SuppressWarnings("BanJNDI") // candidates() refuses names that are not local
  private @Nullable Object lookedUp(String name) throws NamingException {
    return context == null ? null : context.lookup(name);
  }

  /** Whether the lookup fails, and does not only find nothing. */
  private boolean isRefused(String name) {
    try {
      var unused = lookedUp(name);
      return false;
    } catch (NamingException e) {
      return true;
    }
  }

  /**
   * Whether an exception means that nothing is bound. Servers throw different exceptions: Payara
   * wraps them, and some throw a plain one for every name of a kind. Liberty throws a plain one for
   * a resource that is bound, but cannot be made.
   */
  private boolean meansAbsent(String name, NamingException e) {
    if (e.getClass() == NamingException.class && e.getCause() == null) {
      return isPlainForAbsent(name);
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

  /** Asks for a name beside it that nobody binds, to see what this server throws then. */
  private boolean isPlainForAbsent(String name) {
    try {
      var unused = lookedUp(name.substring(0, name.lastIndexOf('/') + 1) + NOBODYS);
      return false;
    } catch (NamingException e) {
      return e.getClass() == NamingException.class && e.getCause() == null;
    }
  }

  /**
   * A bound object.
   *
   * @param name the full name under which it is bound
   * @param value the object
   */
  record Bound(String name, Object value) {}
}
