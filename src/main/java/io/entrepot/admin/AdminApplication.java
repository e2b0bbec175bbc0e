package io.entrepot.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Problem;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ContextResolver;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.util.List;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Jersey application for {@code /api/*}, wired by hand. */
public final class AdminApplication extends ResourceConfig {
  private static final Logger log = LoggerFactory.getLogger(AdminApplication.class);

  /**
   * Makes the application.
   *
   * @param resources one object of each class of resources
   */
  public AdminApplication(List<Object> resources) {
    // Register the classes and bind the instances as services. Jersey treats a registered instance
    // as a provider.
    resources.forEach(resource -> register(resource.getClass()));
    register(
        new AbstractBinder() {
          @Override
          protected void configure() {
            resources.forEach(this::bindAsItself);
          }

          private <T> void bindAsItself(T resource) {
            @SuppressWarnings("unchecked") // the class of an object is of its type
            Class<T> type = (Class<T>) resource.getClass();
            bind(resource).to(type);
          }
        });
    register(JacksonFeature.withoutExceptionMappers());
    register(new Mapper());
    register(new Errors());
    property(ServerProperties.WADL_FEATURE_DISABLE, true);
    property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true);
    // Behind a proxy our own host name leads nowhere, so that Location has only a path.
    property(ServerProperties.LOCATION_HEADER_RELATIVE_URI_RESOLUTION_DISABLED, true);
  }

  /** Gives Jersey our mapper, whose buffers are not kept by the server's threads. */
  private static final class Mapper implements ContextResolver<ObjectMapper> {
    private final ObjectMapper mapper = Json.mapper();

    @Override
    public ObjectMapper getContext(Class<?> type) {
      return mapper;
    }
  }

  /** Turns every failure into JSON, so that no server sends its own error page. */
  private static final class Errors implements ExceptionMapper<RuntimeException> {
    @Override
    public Response toResponse(RuntimeException e) {
      String allow =
          e instanceof WebApplicationException known
              ? withHead(known.getResponse().getHeaderString(HttpHeaders.ALLOW))
              : null;
      Problem problem = problem(e);
      return Response.status(problem.status())
          .type(Problem.TYPE)
          .header(HttpHeaders.ALLOW, allow) // null sets no header
          .entity(problem)
          .build();
    }

    private static Problem problem(RuntimeException e) {
      if (e instanceof OciException refused) {
        return Problem.of(refused);
      }
      String message = String.valueOf(e.getMessage());
      if (e instanceof ConflictException) {
        return Problem.of(409, message);
      }
      if (e instanceof WebApplicationException known && known.getResponse().getStatus() != 500) {
        return Problem.of(known.getResponse().getStatus(), message);
      }
      log.error("An administrative request failed", e);
      return Problem.of(500, "the request failed unexpectedly; the log has the details");
    }

    /** Jersey answers HEAD wherever it answers GET, but does not say so. */
    private static @Nullable String withHead(@Nullable String allow) {
      return allow == null || allow.contains(HttpMethod.HEAD)
          ? allow
          : allow.replace(HttpMethod.GET, "GET,HEAD");
    }
  }
}
