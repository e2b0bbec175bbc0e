package io.entrepot.cache;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/** What a database was asked, and by which thread. Thread-safe. */
public final class DatabaseLog {
  private static final Pattern LINK = Pattern.compile("(?i)\\b(FROM|JOIN|INTO|UPDATE) link\\b");

  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** One statement; the thread is told by its name. */
  public record Asked(String thread, String sql) {
    boolean isAboutLinks() {
      return LINK.matcher(sql).find();
    }
  }

  /** The same data source, whose statements are noted. */
  DataSource watch(DataSource sound) {
    return proxy(DataSource.class, sound);
  }

  private <T> T proxy(Class<T> type, T sound) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("prepareStatement")) {
                note(String.valueOf(arguments[0]));
              }
              try {
                Object result = method.invoke(sound, arguments);
                return result instanceof Connection connection
                    ? proxy(Connection.class, connection)
                    : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(proxy);
  }

  private void note(String sql) {
    asked.add(new Asked(Thread.currentThread().getName(), sql));
  }

  /** Forgets what was asked so far. */
  public void clear() {
    asked.clear();
  }

  /** All statements, in order. */
  public List<Asked> all() {
    return List.copyOf(asked);
  }

  /** The statements about links that a thread has sent. */
  public List<Asked> aboutLinks(String thread) {
    return asked.stream().filter(one -> one.isAboutLinks() && one.thread().equals(thread)).toList();
  }

  /** The names of the threads that have asked anything. */
  public List<String> threads() {
    return asked.stream().map(Asked::thread).distinct().sorted().toList();
  }
}
