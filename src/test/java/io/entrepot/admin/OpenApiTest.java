package io.entrepot.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.entrepot.fixture.HeldFile;
import io.entrepot.http.SessionServlet;
import io.entrepot.oci.Problem;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * openapi.json describes the resources: their paths, their parameters, and the JSON of their
 * answers. What a call does is the first sentence of the comment on its method. With {@code
 * -Dopenapi.write} the file is written instead of compared.
 */
class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeFactory TYPES = JSON.getTypeFactory();
  private static final Path CODE = Path.of("src/main/java/io/entrepot/admin");
  private static final HeldFile FILE =
      new HeldFile(Path.of("src/main/resources/io/entrepot/admin/openapi.json"), "openapi.write");

  /** The answers of methods whose type does not say them: a status and a type for each. */
  private static final Map<String, Map<Integer, Type>> ANSWERS =
      Map.of(
          "HealthResource.report", Map.of(200, Health.Report.class, 503, Health.Report.class),
          "HealthResource.ready", Map.of(200, Health.Report.class, 503, Health.Report.class),
          "PinsResource.add", Map.of(200, pins(), 201, pins()),
          "PrefetchResource.begin", Map.of(202, PrefetchList.JobInfo.class),
          "WorkResource.verify", Map.of(202, textByName()),
          "WorkResource.drain", Map.of(202, textByName()),
          "OpenApiResource.description", Map.of(200, Object.class));

  /** The fields of the bodies that calls take. A field in brackets may be left out. */
  private static final Map<String, Map<String, String>> BODIES =
      Map.of(
          "PinsResource.add", Map.of("pattern", "string"),
          "WorkResource.rest", Map.of("offline", "boolean"),
          "PrefetchResource.begin",
              Map.of("reference", "string", "(platforms)", "strings", "(referrers)", "boolean"));

  private static final String TAG = "/repositories/{name}/tags/{tag}";
  private static final String MANIFEST = "/repositories/{name}/manifests/{digest}";

  /** The paths that one method answers by itself, besides its own. */
  private static final Map<String, List<String>> MORE_PATHS =
      Map.of(
          "RepositoriesResource.purge",
          List.of(TAG, MANIFEST),
          "RepositoriesResource.show",
          List.of(TAG, MANIFEST));

  private final JsonSchemas schemas = new JsonSchemas();

  private static Type pins() {
    Type list = TYPES.constructCollectionType(List.class, PinList.Entry.class);
    return TYPES.constructMapType(
        Map.class, TYPES.constructType(String.class), TYPES.constructType(list));
  }

  private static Type textByName() {
    return TYPES.constructMapType(Map.class, String.class, String.class);
  }

  @Test
  void fileDescribesEveryCall() throws IOException {
    FILE.hold(OpenApiTest.class, description());
  }

  private ObjectNode description() throws IOException {
    ObjectNode api = JSON.createObjectNode().put("openapi", "3.1.0");
    api.putObject("info")
        .put("title", "Entrepot: administrative API")
        .put("version", "1")
        .put(
            "description",
            "Errors are problems (RFC 9457). A name of a repository may have slashes.");
    api.putArray("servers").addObject().put("url", "/api");
    ObjectNode paths = api.putObject("paths");
    for (Class<?> resource : resources()) {
      String source = Files.readString(CODE.resolve(resource.getSimpleName() + ".java"));
      Arrays.stream(resource.getDeclaredMethods())
          .filter(method -> verb(method) != null)
          .sorted(Comparator.comparing(Method::getName))
          .forEach(method -> addCalls(paths, method, source));
    }
    addEvents(paths);
    addSession(paths);
    ObjectNode components = api.putObject("components");
    ObjectNode types = components.putObject("schemas");
    ObjectNode problem = components.putObject("responses").putObject("problem");
    problem.put(
        "description",
        "Why the request was not answered. A path with a character that no path may have is"
            + " refused as in the registry API, by application/json.");
    ObjectNode kinds = problem.putObject("content");
    kinds.putObject(Problem.TYPE).set("schema", schemas.of(TYPES.constructType(Problem.class)));
    kinds.putObject("application/json").putObject("schema").put("type", "object");
    schemas.named().forEach(types::set);
    return api;
  }

  /** The stream of events is answered by a servlet, and has no end. */
  private static void addEvents(ObjectNode paths) {
    ObjectNode call = paths.putObject("/events").putObject("get");
    call.put("summary", "What happens, as Server-Sent Events: a stream that goes on.");
    ObjectNode answers = call.putObject("responses");
    answers
        .putObject("200")
        .put("description", "the stream")
        .putObject("content")
        .putObject("text/event-stream")
        .putObject("schema")
        .put("type", "string");
    answers.putObject("default").put("$ref", "#/components/responses/problem");
  }

  /** The session is answered by a servlet, which sets and reads its cookie. */
  private void addSession(ObjectNode paths) {
    Map<String, String> calls =
        new TreeMap<>(
            Map.of(
                "get", "Who has logged in.",
                "post", "Begins a session: a cookie for a user name and a password, sent as Basic.",
                "delete", "Ends the session in this browser."));
    calls.forEach(
        (verb, summary) -> {
          ObjectNode call = paths.withObject("/~1session").putObject(verb);
          ObjectNode answers = call.put("summary", summary).putObject("responses");
          answers
              .putObject("200")
              .put("description", "who has logged in now")
              .putObject("content")
              .putObject("application/json")
              .set("schema", schemas.of(TYPES.constructType(SessionServlet.State.class)));
          answers.putObject("default").put("$ref", "#/components/responses/problem");
        });
  }

  private static List<Class<?>> resources() throws IOException {
    try (Stream<Path> files = Files.list(CODE)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Resource.java"))
          .sorted()
          .<Class<?>>map(name -> named(name.substring(0, name.length() - ".java".length())))
          .toList();
    }
  }

  private static Class<?> named(String simpleName) {
    try {
      return Class.forName("io.entrepot.admin." + simpleName);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String verb(Method method) {
    return Stream.of(GET.class, POST.class, DELETE.class)
        .filter(method::isAnnotationPresent)
        .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT))
        .findFirst()
        .orElse(null);
  }

  private static String path(Method method) {
    String own = annotatedPath(method.getAnnotation(jakarta.ws.rs.Path.class));
    String all =
        annotatedPath(method.getDeclaringClass().getAnnotation(jakarta.ws.rs.Path.class)) + own;
    return all.replaceAll("\\{(\\w+): [^}]+}", "{$1}");
  }

  private static String annotatedPath(jakarta.ws.rs.Path path) {
    return path == null || path.value().isEmpty() ? "" : "/" + path.value();
  }

  private void addCalls(ObjectNode paths, Method method, String source) {
    String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
    Stream.concat(Stream.of(path(method)), MORE_PATHS.getOrDefault(name, List.of()).stream())
        .forEach(
            path -> {
              ObjectNode call =
                  paths
                      .withObject("/" + path.replace("~", "~0").replace("/", "~1"))
                      .putObject(verb(method));
              call.put("summary", firstSentence(method, source));
              if (path.equals(TAG) || path.equals(MANIFEST)) {
                call.put("description", ofSubpath(verb(method)));
              }
              addParameters(call, method, path);
              addBody(call, BODIES.get(name));
              addAnswers(call, method, ANSWERS.get(name));
            });
  }

  private static String ofSubpath(String verb) {
    return verb.equals("get")
        ? "A repository whose name ends so. Its tags are below the repository itself."
        : "Only that part of the repository goes.";
  }

  private static String firstSentence(Method method, String source) {
    Matcher comment =
        Pattern.compile(
                "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@[A-Z][^\\n]*\\n\\s*)*public [^\\n(=]*\\b"
                    + method.getName()
                    + "\\(",
                Pattern.DOTALL)
            .matcher(source);
    assertThat(comment.find()).as("%s has a comment", method).isTrue();
    String text =
        comment
            .group(1)
            .replaceAll("\\s*\\*\\s+", " ")
            .replaceAll("\\{@\\w+ ([^}]*)}", "$1")
            .strip();
    return text.replaceAll("(?s)(?<=[.])\\s.*", "");
  }

  private static void addParameters(ObjectNode call, Method method, String path) {
    var parameters = call.putArray("parameters");
    Matcher inPath = Pattern.compile("\\{(\\w+)}").matcher(path);
    while (inPath.find()) {
      parameters
          .addObject()
          .put("name", inPath.group(1))
          .put("in", "path")
          .put("required", true)
          .putObject("schema")
          .put("type", "string");
    }
    for (Parameter parameter : method.getParameters()) {
      QueryParam query = parameter.getAnnotation(QueryParam.class);
      if (query != null) {
        ObjectNode schema =
            parameters
                .addObject()
                .put("name", query.value())
                .put("in", "query")
                .putObject("schema");
        if (parameter.getType() == String.class) {
          schema.put("type", "string");
        } else {
          schema.put("type", "array").putObject("items").put("type", "string");
        }
      } else {
        PathParam named = parameter.getAnnotation(PathParam.class);
        assertThat(named == null || path.contains("{" + named.value() + "}")).isTrue();
      }
    }
  }

  private static void addBody(ObjectNode call, Map<String, String> fields) {
    if (fields == null) {
      return;
    }
    ObjectNode body = call.putObject("requestBody").put("required", true);
    ObjectNode schema = body.putObject("content").putObject("application/json").putObject("schema");
    schema.put("type", "object").put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    var required = schema.putArray("required");
    fields.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            field -> {
              String name = field.getKey().replaceAll("[()]", "");
              if (name.equals(field.getKey())) {
                required.add(name);
              }
              ObjectNode property = properties.putObject(name);
              if (field.getValue().equals("strings")) {
                property.put("type", "array").putObject("items").put("type", "string");
              } else {
                property.put("type", field.getValue());
              }
            });
  }

  private void addAnswers(ObjectNode call, Method method, Map<Integer, Type> special) {
    ObjectNode answers = call.putObject("responses");
    Map<Integer, Type> types =
        special == null ? Map.of(200, method.getGenericReturnType()) : special;
    types.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            answer ->
                answers
                    .putObject(Integer.toString(answer.getKey()))
                    .put("description", method.getName())
                    .putObject("content")
                    .putObject("application/json")
                    .set("schema", schemas.of(TYPES.constructType(answer.getValue()))));
    answers.putObject("default").put("$ref", "#/components/responses/problem");
  }
}
