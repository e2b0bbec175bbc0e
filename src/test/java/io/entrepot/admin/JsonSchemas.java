package io.entrepot.admin;

import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import com.fasterxml.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schemas of what Jackson writes for types. Records get a name of their own, and are written
 * once. What may be null has {@code null} as a second type.
 */
final class JsonSchemas {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, ObjectNode> named = new TreeMap<>();

  /** The schemas of the records that were met, by their names. */
  Map<String, ObjectNode> named() {
    return named;
  }

  /** The schema of a type. */
  JsonNode of(JavaType type) {
    Class<?> raw = type.getRawClass();
    if (type.isCollectionLikeType()) {
      ObjectNode list = JSON.createObjectNode().put("type", "array");
      list.set("items", of(type.getContentType()));
      return list;
    }
    if (type.isMapLikeType()) {
      ObjectNode map = JSON.createObjectNode().put("type", "object");
      map.set("additionalProperties", of(type.getContentType()));
      return map;
    }
    if (raw.isRecord()) {
      String name = raw.getName().replaceAll(".*[.]", "").replace('$', '.');
      if (!named.containsKey(name)) {
        ObjectNode schema = JSON.createObjectNode();
        named.put(name, schema); // before its fields, which may have the same type
        describe(type, schema);
      }
      return JSON.createObjectNode().put("$ref", "#/components/schemas/" + name);
    }
    return simple(raw);
  }

  private static ObjectNode simple(Class<?> type) {
    ObjectNode schema = JSON.createObjectNode();
    if (type == boolean.class || type == Boolean.class) {
      return schema.put("type", "boolean");
    }
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return schema.put("type", "integer");
    }
    if (type == double.class || type == Double.class) {
      return schema.put("type", "number");
    }
    return type == Object.class ? schema : schema.put("type", "string");
  }

  private void describe(JavaType type, ObjectNode schema) {
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    try {
      JSON.acceptJsonFormatVisitor(
          type,
          new JsonFormatVisitorWrapper.Base() {
            @Override
            public JsonObjectFormatVisitor expectObjectFormat(JavaType met) {
              return new Fields(getProvider(), properties);
            }
          });
    } catch (JsonMappingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes the fields of one record. Those of unwrapped records come as if they were its own. */
  private final class Fields extends JsonObjectFormatVisitor.Base {
    private final ObjectNode properties;

    Fields(SerializerProvider provider, ObjectNode properties) {
      super(provider);
      this.properties = properties;
    }

    @Override
    public void property(BeanProperty property) {
      optionalProperty(property);
    }

    @Override
    public void optionalProperty(BeanProperty property) {
      JsonNode schema = of(property.getType());
      properties.set(property.getName(), isNullable(property) ? orNull(schema) : schema);
    }

    private boolean isNullable(BeanProperty property) {
      Class<?> owner = property.getMember().getDeclaringClass();
      return owner.isRecord()
          && Arrays.stream(owner.getRecordComponents())
              .filter(component -> component.getName().equals(property.getMember().getName()))
              .map(RecordComponent::getAnnotatedType)
              .anyMatch(type -> type.isAnnotationPresent(Nullable.class));
    }

    private JsonNode orNull(JsonNode schema) {
      ObjectNode either = JSON.createObjectNode();
      either.putArray("anyOf").add(schema).add(JSON.createObjectNode().put("type", "null"));
      return either;
    }
  }
}
