package io.entrepot.servers.installed;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The line in which a server tells the port that it has taken. Each was told to take any free one,
 * since a port that is looked up before may be another program's by then.
 */
enum AnnouncedPort {
  EXECUTABLE(" serves http://127\\.0\\.0\\.1:(\\d+)/"),
  TOMCAT("Starting ProtocolHandler \\[\"http-nio-127\\.0\\.0\\.1-auto-\\d+-(\\d+)\"]"),
  TOMCAT_TLS("Starting ProtocolHandler \\[\"https-[a-z]+-nio-127\\.0\\.0\\.1-auto-\\d+-(\\d+)\"]"),
  JETTY("Started (?:oejs\\.)?ServerConnector@\\w+\\{HTTP/1\\.1, [^}]*}\\{127\\.0\\.0\\.1:(\\d+)}"),
  JETTY_TLS("Started (?:oejs\\.)?ServerConnector@\\w+\\{SSL, [^}]*}\\{127\\.0\\.0\\.1:(\\d+)}");

  private final Pattern line;

  AnnouncedPort(String line) {
    this.line = Pattern.compile(line);
  }

  /** Whether the server has told it. */
  boolean isIn(String console) {
    return line.matcher(console).find();
  }

  int in(String console) {
    Matcher matcher = line.matcher(console);
    if (!matcher.find()) {
      throw new AssertionError(line + " is not in:\n" + console);
    }
    return Integer.parseInt(matcher.group(1));
  }
}
