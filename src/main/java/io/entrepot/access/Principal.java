package io.entrepot.access;

/**
 * Who has logged in. Two ways to log in never share a principal, even for one name.
 *
 * @param way the way to log in, such as {@code htpasswd}
 * @param name the user name
 */
public record Principal(String way, String name) {
  /** As in logs and tokens: {@code htpasswd:alice}. */
  @Override
  public String toString() {
    return way + ":" + name;
  }
}
