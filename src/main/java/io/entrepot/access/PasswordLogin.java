package io.entrepot.access;

import java.nio.charset.StandardCharsets;

/** A user name with a password, as a client has sent them. The text form has no password. */
public record PasswordLogin(String user, String password) {
  byte[] passwordBytes() {
    return password.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "user " + user;
  }
}
