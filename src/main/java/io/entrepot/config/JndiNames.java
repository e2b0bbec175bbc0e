package io.entrepot.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.Context;
import javax.naming.NameClassPair;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;

/** Lists the names that are bound in JNDI, where the server lets one list them. Not thread-safe. */
final class JndiNames {
  /** More names than any configuration has; a bound against a context that contains itself. */
  private static final int MAX_NAMES = 2_000;

  private static final int MAX_DEPTH = 8;

  private final Context context;
  private int seen;

  JndiNames(Context context) {
    this.context = context;
  }

  /** Whether a context lists a name. False if the server does not list names. */
  boolean isListed(String name) {
    int slash = name.lastIndexOf('/');
    return slash > 0
        && list(name.substring(0, slash)).stream()
            .anyMatch(pair -> pair.getName().equals(name.substring(slash + 1)));
  }

  /**
   * The full names of all objects below a context that are no contexts themselves, with the class
   * that the server says they have; empty if it says none.
   */
  Map<String, String> below(String root) {
    Map<String, String> names = new TreeMap<>();
    collect(root, MAX_DEPTH, names);
    return names;
  }

  private void collect(String parent, int depth, Map<String, String> names) {
    for (NameClassPair pair : list(parent)) {
      String name = parent + "/" + pair.getName();
      String type = String.valueOf(pair.getClassName());
      if (++seen > MAX_NAMES) {
        return;
      }
      if (!type.endsWith("Context")) {
        names.put(name, type);
      } else if (depth > 0) {
        collect(name, depth - 1, names);
      }
    }
  }

  @SuppressWarnings("BanJNDI") // callers give local names only
  private List<NameClassPair> list(String name) {
    List<NameClassPair> pairs = new ArrayList<>();
    try {
      NamingEnumeration<NameClassPair> all = context.list(name);
      try {
        while (pairs.size() < MAX_NAMES && all.hasMore()) {
          pairs.add(all.next());
        }
      } finally {
        all.close();
      }
    } catch (NamingException | RuntimeException e) {
      // No such context, or a server that does not list it. Then there is nothing to say about it.
      return pairs;
    }
    return pairs;
  }
}
