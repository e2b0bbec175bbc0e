package io.entrepot.cache;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * A record of the statements that were sent to a database, with the names of the threads.
 * Thread-safe.
 */
public final class DatabaseLog {
  private static final Pattern LINK = Pattern.compile("(?i)\\b(FROM|JOIN|INTO|UPDATE) link\\b");

  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /**
   * One statement.
   *
   * @param thread the name of the thread that sent it
   * @param sql the statement
   */
  public record Asked(String thread, String sql) {
    boolean isAboutLinks() {
      return LINK.matcher(sql).find();
    }
  }

  /** A data source that records its statements and sends them to {@code sound}. */
  public DataSource watch(DataSource sound) {
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

  /** Removes all recorded statements. */
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

  /** The names of the threads that have sent statements. */
  public List<String> threads() {
    return asked.stream().map(Asked::thread).distinct().sorted().toList();
  }
}
