package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.entrepot.oci.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * The contents of a {@code config.yml} as a flat map: dotted keys, each with its text and line.
 * YAML aliases are refused, so a small file cannot expand to a large one.
 */
final class ConfigFile {
  private static final String UPSTREAMS = "upstreams.";

  /** The largest file that is read; about a thousand times the size of a complete one. */
  static final int MAX_BYTES = 1 << 20;

  /**
   * The deepest nesting that is read. No setting is deeper than 3 levels; sections of
   * docker/distribution may be, but they are skipped.
   */
  private static final int MAX_DEPTH = 20;

  private static final YAMLFactory YAML =
      YAMLFactory.builder()
          .recyclerPool(Json.buffers())
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  /**
   * One value of the file.
   *
   * @param text the text as written; the items of a list are joined by commas; blank if there is no
   *     value
   * @param line the line in the file, from 1
   * @param list whether the value is a list
   */
  record Entry(String text, int line, boolean list) {}

  private final String name;
  private final Findings findings;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> seen = new LinkedHashSet<>();
  private final Set<String> upstreams = new LinkedHashSet<>();

  private ConfigFile(String name, Findings findings) {
    this.name = name;
    this.findings = findings;
  }

  /** An empty file, for use without a {@code config.yml}. */
  static ConfigFile none() {
    return new ConfigFile("config.yml", new Findings());
  }

  /**
   * Reads a file.
   *
   * @param path the path of the file
   * @param given the value of the setting {@code config}, for error messages
   * @param findings receives the errors
   */
  static ConfigFile read(Path path, Given given, Findings findings) {
    ConfigFile file = new ConfigFile(Findings.plain(path.toString()), findings);
    try {
      Optional<byte[]> bytes = SmallFile.read(path, MAX_BYTES);
      if (bytes.isEmpty()) {
        findings.badValue(SettingsTable.CONFIG, given, "the file is larger than 1 MiB");
      } else {
        file.parse(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.get())).toString());
        file.reportEmptyProtection();
      }
    } catch (NoSuchFileException e) {
      findings.badValue(SettingsTable.CONFIG, given, "there is no such file");
    } catch (CharacterCodingException e) {
      findings.badValue(SettingsTable.CONFIG, given, "the file is not UTF-8");
    } catch (IOException e) {
      findings.badValue(SettingsTable.CONFIG, given, "the file cannot be read: " + e.getMessage());
    }
    return file;
  }

  /** What is empty promises a protection all the same: what was meant to be closed stays closed. */
  private void reportEmptyProtection() {
    entries.forEach(
        (key, entry) -> {
          if (AccessTable.protects(key) && entry.text().isBlank()) {
            findings.problem(
                key, source(entry.line()) + ": expected a value; without one it protects nothing");
          }
        });
    for (String key : seen) {
      boolean isEmpty =
          entries.keySet().stream()
              .noneMatch(given -> given.equals(key) || given.startsWith(key + "."));
      if (AccessTable.protects(key) && isEmpty && !DistributionKeys.has(key)) {
        findings.problem(key, name + " has this section with nothing in it");
      }
    }
    String path = AccessTable.HTPASSWD_PATH.key();
    if (seen.contains("auth.htpasswd") && !entries.containsKey(path)) {
      findings.problem(path, name + " has a section auth.htpasswd without it");
    }
  }

  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** The names of the sections under {@code upstreams}, in the order of the file. */
  Set<String> upstreams() {
    return Collections.unmodifiableSet(upstreams);
  }

  /** The file name and line number, for messages. */
  String source(int line) {
    return name + " line " + line;
  }

  private void parse(String text) throws IOException {
    try (YAMLParser parser =
        YAML.createParser(text.startsWith("\uFEFF") ? text.substring(1) : text)) {
      JsonToken first = parser.nextToken();
      if (first == null || isNothing(first, parser)) {
        return;
      }
      if (first != JsonToken.START_OBJECT) {
        findings.problem("config", source(line(parser)) + ": expected keys and values");
        return;
      }
      section(parser, "");
      if (parser.nextToken() != null) {
        findings.problem("config", source(line(parser)) + ": expected one document, found another");
      }
    } catch (JsonProcessingException e) {
      // Its message is not used: it quotes the lines around the error, which may contain a
      // password.
      findings.problem("config", where(e) + ": not well-formed YAML, or nested too deep");
    }
  }

  private void section(YAMLParser parser, String prefix) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = prefix + parser.currentName();
      int line = line(parser);
      if (prefix.equals(UPSTREAMS) && !SettingsTable.has(key)) {
        addUpstream(parser.currentName(), key, line);
      }
      parser.nextToken();
      if (!seen.add(key)) {
        findings.problem(key, source(line) + ": the key is given twice");
      }
      if (DistributionKeys.has(key)) {
        skip(key, line, texts(parser));
      } else if (parser.currentToken() == JsonToken.START_OBJECT && SettingsTable.has(key)) {
        findings.problem(key, source(line) + ": expected a value, found keys below it");
        parser.skipChildren();
      } else if (parser.currentToken() == JsonToken.START_OBJECT) {
        section(parser, key + ".");
      } else if (parser.currentToken() == JsonToken.START_ARRAY) {
        entries.put(key, new Entry(list(parser, key), line, true));
      } else {
        entries.put(key, new Entry(scalar(parser, key), line, false));
      }
    }
  }

  private void addUpstream(String upstream, String key, int line) {
    try {
      upstreams.add(UpstreamTable.NAME.syntax().parser().apply(upstream));
    } catch (IllegalArgumentException e) {
      findings.problem(
          key,
          "%s: expected a %s (%s)"
              .formatted(source(line), UpstreamTable.NAME.syntax().expected(), e.getMessage()));
    }
  }

  /** Reports a key of docker/distribution that is no setting of ours. */
  private void skip(String key, int line, String value) {
    DistributionKeys.refusal(key, value)
        .ifPresentOrElse(
            text -> findings.problem(key, source(line) + ": " + text),
            () ->
                findings.warning(
                    source(line) + ": " + key + " is ignored: Entrepot has no such setting"));
  }

  /** All texts of a value, however deep they are, with spaces between them. */
  private static String texts(YAMLParser parser) throws IOException {
    StringBuilder texts = new StringBuilder();
    int depth = 0;
    for (JsonToken token = parser.currentToken(); true; token = parser.nextToken()) {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token != JsonToken.FIELD_NAME && !isNothing(token, parser)) {
        texts.append(texts.isEmpty() ? "" : " ").append(parser.getText());
      }
      if (depth == 0) {
        return texts.toString();
      }
    }
  }

  private String list(YAMLParser parser, String key) throws IOException {
    List<String> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(scalar(parser, key));
    }
    return String.join(",", items);
  }

  private String scalar(YAMLParser parser, String key) throws IOException {
    String problem = null;
    if (parser.isCurrentAlias()) {
      problem = "aliases are not supported; write the value";
    } else if (parser.currentToken() == JsonToken.VALUE_EMBEDDED_OBJECT) {
      problem = "expected plain text, found binary";
    } else if (!parser.currentToken().isScalarValue()) {
      problem = "expected a value, found keys or a list";
      parser.skipChildren();
    }
    if (problem != null) {
      findings.problem(key, source(line(parser)) + ": " + problem);
      return "";
    }
    return isNothing(parser.currentToken(), parser) ? "" : parser.getText();
  }

  private static boolean isNothing(JsonToken token, YAMLParser parser) throws IOException {
    return token == JsonToken.VALUE_NULL || (token.isScalarValue() && parser.getText().isBlank());
  }

  private String where(JsonProcessingException e) {
    if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      return source(marked.getProblemMark().getLine() + 1);
    }
    return e.getLocation() == null ? name : source(e.getLocation().getLineNr());
  }

  private static int line(YAMLParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }
}
