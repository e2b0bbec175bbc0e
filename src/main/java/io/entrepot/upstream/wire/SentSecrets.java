package io.entrepot.upstream.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The secrets that were sent to an upstream, its token services and the hosts it redirects to. Only
 * what was sent can come back, so this is the one place that knows what a text of theirs must not
 * show (S36). It finds a secret, or a long piece of one, also inside other encodings. It remembers
 * the latest: secrets that were rotated long ago are forgotten. Thread-safe.
 */
public final class SentSecrets {
  /** What stands in the place of a secret. */
  private static final String HIDDEN = "***";

  /** In characters: some hundred passwords and identity tokens. */
  private static final int MAX_CREDENTIALS = 64 << 10;

  /** In characters: some sixty tokens of 4 KiB, and the queries of presigned URLs. */
  private static final int MAX_TOKENS = 256 << 10;

  /** In characters. A piece of a secret counts from here on; shorter secrets count whole. */
  private static final int PIECE = 15;

  /** In characters. To hide a shorter text would hide nearly all there is. */
  private static final int MIN_SECRET = 4;

  /** Each piece has a window of this length that begins at a multiple of {@link #STEP}. */
  private static final int WINDOW = 12;

  private static final int STEP = PIECE - WINDOW + 1;

  /** Values of a presigned URL that are shorter are no secrets, but names and dates. */
  private static final int MIN_QUERY_VALUE = 16;

  private static final String REFRESH_TOKEN = "refresh_token=";

  private static final int MAX_NESTING = 3;

  /** In characters. A text that is more, with all that is encoded in it, is not shown at all. */
  private static final int MAX_READ = 256 << 10;

  private static final Pattern WORD = Pattern.compile("[^\\s\"'<>,;()]+");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{11,}");
  private static final Pattern ESCAPE =
      Pattern.compile(
          "((?:%[0-9a-fA-F]{2})+)|\\\\u([0-9a-fA-F]{4})|\\\\(.)|&#(?:x([0-9a-fA-F]{1,4})|(\\d{1,5}));"
              + "|&(amp|lt|gt|quot|apos);",
          Pattern.DOTALL);
  private static final Map<String, String> ENTITIES =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'");

  private final Latest credentials = new Latest(MAX_CREDENTIALS);
  private final Latest tokens = new Latest(MAX_TOKENS);

  /** The passwords of clients, each as long as calls with it are under way, with their number. */
  private final ConcurrentHashMap<String, Integer> passing = new ConcurrentHashMap<>();

  /** Ends what {@link #hideWhileOpen} has begun. */
  public interface Hidden extends AutoCloseable {
    @Override
    void close();
  }

  /** Hides a secret until the result is closed, and remembers it no longer. */
  Hidden hideWhileOpen(String secret) {
    String lower = secret.toLowerCase(Locale.ROOT);
    passing.merge(lower, 1, Integer::sum);
    return () -> passing.computeIfPresent(lower, (key, uses) -> uses == 1 ? null : uses - 1);
  }

  /** Notes the value of an {@code Authorization} header. */
  void sentAuthorization(String header) {
    int space = header.indexOf(' ');
    String proof = header.substring(space + 1);
    if (!header.regionMatches(true, 0, "basic ", 0, 6)) {
      tokens.add(proof);
      return;
    }
    String pair = new String(Base64.getDecoder().decode(proof), UTF_8);
    sentCredential(pair.substring(pair.indexOf(':') + 1));
  }

  /** Notes a password or an identity token. */
  void sentCredential(String secret) {
    if (!passing.containsKey(secret.toLowerCase(Locale.ROOT))) {
      credentials.add(secret);
    }
  }

  /** Notes the identity token in the form of a token request. */
  void sentForm(String form) {
    for (String parameter : form.split("&", -1)) {
      if (parameter.startsWith(REFRESH_TOKEN)) {
        sentCredential(URLDecoder.decode(parameter.substring(REFRESH_TOKEN.length()), UTF_8));
      }
    }
  }

  /** Notes the query of a URL that somebody else has made, and perhaps signed. */
  void sentQuery(String query) {
    for (String parameter : query.split("&", -1)) {
      String value = unescaped(parameter.substring(parameter.indexOf('=') + 1), UTF_8);
      if (value.length() >= MIN_QUERY_VALUE) {
        tokens.add(value);
      }
    }
  }

  /** The text without the secrets in it. */
  String hide(String text) {
    List<String> known = known().toList();
    if (!tells(text, known)) {
      return text;
    }
    String begun = text;
    for (String secret : known) {
      if (secret.length() < PIECE) { // it can be a usual word, so what stands around it is kept
        begun =
            Pattern.compile(secret, Pattern.LITERAL | Pattern.CASE_INSENSITIVE)
                .matcher(begun)
                .replaceAll(HIDDEN);
      }
    }
    String words =
        WORD.matcher(begun)
            .replaceAll(
                word ->
                    Matcher.quoteReplacement(tells(word.group(), known) ? HIDDEN : word.group()));
    return tells(words, known) ? HIDDEN : words;
  }

  /**
   * Whether a text has a long piece of a secret in it. Short secrets do not count: they can be
   * usual words, and this decides whether an answer is used at all.
   */
  boolean isTold(String text) {
    return tells(text, known().filter(secret -> secret.length() >= PIECE).toList());
  }

  private Stream<String> known() {
    Stream<String> passwords =
        passing.keySet().stream().filter(secret -> secret.length() >= MIN_SECRET);
    return Stream.concat(passwords, Stream.concat(credentials.all(), tokens.all()));
  }

  private static boolean tells(String text, List<String> known) {
    Set<String> readings = known.isEmpty() ? Set.of() : readings(text);
    if (readings.stream().mapToInt(String::length).sum() > MAX_READ) {
      return true;
    }
    Set<String> windows = new HashSet<>();
    for (String reading : readings) {
      for (int i = 0; i + WINDOW <= reading.length(); i++) {
        windows.add(reading.substring(i, i + WINDOW));
      }
    }
    return known.stream().anyMatch(secret -> isIn(secret, readings, windows));
  }

  private static boolean isIn(String secret, Set<String> readings, Set<String> windows) {
    if (secret.length() < PIECE) {
      return readings.stream().anyMatch(reading -> reading.contains(secret));
    }
    for (int i = 0; i + WINDOW <= secret.length(); i += STEP) {
      if (windows.contains(secret.substring(i, i + WINDOW))) {
        return true;
      }
    }
    return windows.contains(secret.substring(secret.length() - WINDOW));
  }

  /** The text in lower case, since hosts are shown so, and what is encoded in it. */
  private static Set<String> readings(String text) {
    Set<String> all = new LinkedHashSet<>(Set.of(text));
    List<String> latest = List.of(text);
    int length = text.length();
    for (int depth = 0; depth < MAX_NESTING && length <= MAX_READ; depth++) {
      List<String> next = new ArrayList<>();
      for (String reading : latest) {
        decodings(reading)
            .filter(decoded -> !decoded.isEmpty() && all.add(decoded))
            .forEach(next::add);
      }
      length += next.stream().mapToInt(String::length).sum();
      latest = next;
    }
    Set<String> lower = new HashSet<>();
    all.forEach(reading -> lower.add(reading.toLowerCase(Locale.ROOT)));
    return lower;
  }

  private static Stream<String> decodings(String text) {
    String plusAsSpace = text.replace('+', ' ');
    return Stream.concat(
        Stream.of(
            unescaped(text, UTF_8),
            unescaped(plusAsSpace, UTF_8),
            unescaped(text, ISO_8859_1),
            unescaped(plusAsSpace, ISO_8859_1),
            fromHeader(text)),
        Stream.of(0, 1, 2, 3).map(offset -> decoded(text, offset)));
  }

  /**
   * Percent, JSON and XML escapes taken off.
   *
   * @param charset of the bytes that are escaped by percent signs
   */
  private static String unescaped(String text, Charset charset) {
    return ESCAPE
        .matcher(text)
        .replaceAll(escape -> Matcher.quoteReplacement(characters(escape, charset)));
  }

  /** Headers are read as ISO-8859-1, so that UTF-8 in them has a character for each byte. */
  private static String fromHeader(String text) {
    boolean bytes = text.chars().allMatch(c -> c <= 0xff) && text.chars().anyMatch(c -> c >= 0x80);
    return bytes ? new String(text.getBytes(ISO_8859_1), UTF_8) : "";
  }

  private static String characters(MatchResult escape, Charset charset) {
    if (escape.group(1) != null) {
      byte[] bytes = HexFormat.of().parseHex(escape.group(1).replace("%", ""));
      return new String(bytes, charset);
    }
    if (escape.group(2) != null) {
      return Character.toString(Integer.parseInt(escape.group(2), 16));
    }
    if (escape.group(4) != null || escape.group(5) != null) {
      boolean hex = escape.group(4) != null;
      return Character.toString(Integer.parseInt(escape.group(hex ? 4 : 5), hex ? 16 : 10));
    }
    String entity = escape.group(6);
    return entity == null ? escape.group(3) : ENTITIES.getOrDefault(entity, "");
  }

  /**
   * What is in the text in Base64, of both alphabets, with or without padding.
   *
   * @param offset where in each run of letters it may begin: what is before can look like Base64
   *     too
   */
  private static String decoded(String text, int offset) {
    StringBuilder all = new StringBuilder();
    Matcher run = BASE64.matcher(text);
    while (run.find()) {
      String letters = run.group().replace('-', '+').replace('_', '/').substring(offset);
      int length = letters.length() % 4 == 1 ? letters.length() - 1 : letters.length();
      byte[] bytes = Base64.getDecoder().decode(letters.substring(0, length));
      all.append(new String(bytes, UTF_8)).append('\n');
    }
    return all.toString();
  }

  /** The latest texts in lower case, up to a number of characters in all. Thread-safe. */
  private static final class Latest {
    private final int max;
    private final Map<String, Boolean> texts = new LinkedHashMap<>(16, 0.75f, true);
    private int length;

    Latest(int max) {
      this.max = max;
    }

    synchronized void add(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      if (lower.length() < MIN_SECRET || lower.length() > max || texts.put(lower, true) != null) {
        return;
      }
      length += lower.length();
      var eldest = texts.keySet().iterator();
      while (length > max) {
        length -= eldest.next().length();
        eldest.remove();
      }
    }

    synchronized Stream<String> all() {
      return List.copyOf(texts.keySet()).stream();
    }
  }
}
