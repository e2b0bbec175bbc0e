package io.entrepot.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;

/** A builder of {@link SettingSources} for tests. */
final class GivenSources {
  private final Map<String, Object> bindings = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>(Map.of("user.home", "/home/me"));
  private final Map<String, String> environment = new HashMap<>();
  private String commandLine = "java -jar entrepot.war";

  GivenSources bind(String name, Object value) {
    bindings.put(name, value);
    return this;
  }

  GivenSources property(String name, String value) {
    properties.put(name, value);
    return this;
  }

  GivenSources environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** An argument of the process, such as {@code -Dentrepot.proxy.ttl=1h}. */
  GivenSources argument(String argument) {
    commandLine += '\0' + argument;
    return this;
  }

  /** Writes {@code config.yml} to {@code folder} and points to it. */
  GivenSources file(Path folder, String yaml) {
    try {
      Path file = folder.resolve("config.yml");
      Files.deleteIfExists(file); // writing over it would wait for the disk (ext4)
      Files.writeString(file, yaml);
      return property("entrepot.config", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Settings read() {
    return Settings.read(sources());
  }

  SettingSources sources() {
    return new SettingSources(jndi(), properties, environment, commandLine);
  }

  JndiLookup jndi() {
    try {
      return new JndiLookup(new MapContext(bindings));
    } catch (NamingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A naming context over a map; a bound exception is thrown. It lists what else is bound, with its
   * class.
   */
  static class MapContext extends InitialContext {
    private final Map<String, Object> bindings;
    private final Map<String, List<NameClassPair>> more = new HashMap<>();

    MapContext(Map<String, Object> bindings) throws NamingException {
      super(true);
      this.bindings = bindings;
    }

    @Override
    public Object lookup(String name) throws NamingException {
      Object value = bindings.get(name);
      if (value instanceof NamingException failure) {
        throw failure;
      }
      if (value == null && !bindings.containsKey(name)) {
        throw new NotBound(name);
      }
      return value;
    }

    /** Has no trace, which costs more than all else where each setting is looked up. */
    private static final class NotBound extends NameNotFoundException {
      private static final long serialVersionUID = 1L;

      NotBound(String name) {
        super(name);
      }

      @Override
      public synchronized Throwable fillInStackTrace() {
        return this;
      }
    }

    /** Lists a name more, which is not bound. */
    MapContext lists(String parent, String name, String type) {
      more.computeIfAbsent(parent, key -> new ArrayList<>()).add(new NameClassPair(name, type));
      return this;
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) {
      Map<String, NameClassPair> pairs = new TreeMap<>();
      more.getOrDefault(name, List.of()).forEach(pair -> pairs.put(pair.getName(), pair));
      bindings.forEach(
          (bound, value) -> {
            if (bound.startsWith(name + "/") && !(value instanceof NamingException)) {
              String rest = bound.substring(name.length() + 1);
              int slash = rest.indexOf('/');
              String child = slash < 0 ? rest : rest.substring(0, slash);
              String type =
                  slash >= 0
                      ? Context.class.getName()
                      : String.valueOf(value == null ? null : value.getClass().getName());
              pairs.put(child, new NameClassPair(child, type));
            }
          });
      Iterator<NameClassPair> all = pairs.values().iterator();
      return new NamingEnumeration<>() {
        @Override
        public NameClassPair next() {
          return all.next();
        }

        @Override
        public boolean hasMore() {
          return all.hasNext();
        }

        @Override
        public void close() {}

        @Override
        public boolean hasMoreElements() {
          return all.hasNext();
        }

        @Override
        public NameClassPair nextElement() {
          return all.next();
        }
      };
    }
  }
}
