package io.entrepot.admin;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code /api/openapi.json}: the description of this API for tools (OpenAPI 3.1). */
@Path("openapi.json")
@Produces(MediaType.APPLICATION_JSON)
public final class OpenApiResource {
  private static final String FILE = "openapi.json";

  /** The description. A test holds that it is the one of the resources. */
  @GET
  public byte[] description() {
    try (InputStream in = OpenApiResource.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("the WAR has no " + FILE);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
