package io.entrepot.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciException;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ContextResolver;
import jakarta.ws.rs.ext.ExceptionMapper;
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

  public AdminApplication(
      HealthResource health,
      StatsResource stats,
      MissingResource missing,
      TagsResource tags,
      ExplainResource explain,
      ActivityResource activity) {
    // Register the classes and bind the instances as services. Jersey treats a registered instance
    // as a provider.
    register(HealthResource.class);
    register(StatsResource.class);
    register(MissingResource.class);
    register(TagsResource.class);
    register(ExplainResource.class);
    register(ActivityResource.class);
    register(
        new AbstractBinder() {
          @Override
          protected void configure() {
            bind(health).to(HealthResource.class);
            bind(stats).to(StatsResource.class);
            bind(missing).to(MissingResource.class);
            bind(tags).to(TagsResource.class);
            bind(explain).to(ExplainResource.class);
            bind(activity).to(ActivityResource.class);
          }
        });
    register(JacksonFeature.withoutExceptionMappers());
    register(new Mapper());
    register(new Errors());
    property(ServerProperties.WADL_FEATURE_DISABLE, true);
    property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true);
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
      int status = 500;
      String allow = null;
      if (e instanceof WebApplicationException known) {
        status = known.getResponse().getStatus();
        allow = withHead(known.getResponse().getHeaderString(HttpHeaders.ALLOW));
      } else if (e instanceof OciException refused) {
        status = refused.error().status();
      } else {
        log.error("An administrative request failed", e);
      }
      String message =
          status == 500
              ? "the request failed unexpectedly; the log has the details"
              : e.getMessage();
      return Response.status(status)
          .type(MediaType.APPLICATION_JSON_TYPE)
          .header(HttpHeaders.ALLOW, allow) // null sets no header
          .entity(new ErrorBody(status, String.valueOf(message)))
          .build();
    }

    /** Jersey answers HEAD wherever it answers GET, but does not say so. */
    private static @Nullable String withHead(@Nullable String allow) {
      return allow == null || allow.contains(HttpMethod.HEAD)
          ? allow
          : allow.replace(HttpMethod.GET, "GET,HEAD");
    }
  }
}
