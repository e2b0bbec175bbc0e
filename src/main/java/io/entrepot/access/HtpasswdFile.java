package io.entrepot.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The users of an htpasswd file and their bcrypt hashes.
 *
 * @param hashes the hash of each user
 */
record HtpasswdFile(Map<String, String> hashes) {
  /** Some ten thousand users. */
  static final int MAX_BYTES = 1 << 20;

  /** A higher cost would take seconds for each login. */
  private static final int MAX_COST = 14;

  private static final int MIN_COST = 4;

  /** So many lines are named in the message. */
  private static final int MAX_PROBLEMS = 20;

  private static final Pattern BCRYPT =
      Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");

  HtpasswdFile {
    hashes = Map.copyOf(hashes);
  }

  /**
   * Reads the content of a file.
   *
   * @throws IOException if a line is no entry with bcrypt. The message has the first such lines by
   *     their number, and quotes none.
   */
  static HtpasswdFile parse(byte[] content) throws IOException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not UTF-8", e);
    }
    Map<String, String> hashes = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String entry = line.strip();
      if (!entry.isEmpty() && !entry.startsWith("#")) {
        int colon = entry.indexOf(':');
        String hash = entry.substring(colon + 1);
        Optional<String> problem = problem(colon, hash);
        if (problem.isPresent()) {
          problems.add("line " + number + ": " + problem.get());
        } else if (hashes.putIfAbsent(entry.substring(0, colon), hash) != null) {
          problems.add("line " + number + ": the user is listed twice");
        }
      }
    }
    if (!problems.isEmpty()) {
      int more = problems.size() - MAX_PROBLEMS;
      String first =
          String.join("; ", problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS)));
      throw new IOException(more > 0 ? first + "; and " + more + " more" : first);
    }
    return new HtpasswdFile(hashes);
  }

  private static Optional<String> problem(int colon, String hash) {
    if (colon <= 0) {
      return Optional.of("expected user:hash");
    }
    var bcrypt = BCRYPT.matcher(hash);
    if (!bcrypt.matches()) {
      return Optional.of("the hash is not bcrypt; make it with htpasswd -B");
    }
    int cost = Integer.parseInt(bcrypt.group(1));
    return cost < MIN_COST || cost > MAX_COST
        ? Optional.of("the cost of the hash is not " + MIN_COST + " to " + MAX_COST)
        : Optional.empty();
  }
}
