package io.entrepot.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.naming.InitialContext;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;

/** A builder of {@link SettingSources} for tests. */
final class GivenSources {
  private final Map<String, Object> bindings = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>(Map.of("user.home", "/home/me"));
  private final Map<String, String> environment = new HashMap<>();

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

  /** Writes {@code config.yml} to {@code folder} and points to it. */
  GivenSources file(Path folder, String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("config.yml"), yaml);
      return property("entrepot.config", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Settings read() {
    return Settings.read(sources());
  }

  SettingSources sources() {
    return new SettingSources(jndi(), properties, environment);
  }

  JndiLookup jndi() {
    try {
      return new JndiLookup(new MapContext(bindings));
    } catch (NamingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A naming context over a map; a bound exception is thrown. */
  static final class MapContext extends InitialContext {
    private final Map<String, Object> bindings;

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
        throw new NameNotFoundException(name);
      }
      return value;
    }
  }
}
