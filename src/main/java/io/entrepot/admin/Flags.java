package io.entrepot.admin;

import io.entrepot.oci.Quoted;
import jakarta.ws.rs.BadRequestException;
import org.jspecify.annotations.Nullable;

/** Query parameters that are true or false. */
final class Flags {
  private Flags() {}

  /** False if it is not set. */
  static boolean parse(String name, @Nullable String value) {
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true") || value.isEmpty()) {
      return true;
    }
    throw new BadRequestException(name + "=" + Quoted.of(value) + ": write true or false");
  }
}
