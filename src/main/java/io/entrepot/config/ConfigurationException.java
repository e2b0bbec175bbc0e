package io.entrepot.config;

import java.util.List;

/** Settings cannot be used; the message has one line for each thing to put right. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final List<String> problems;

  ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, one line each, without secrets; never empty. */
  public List<String> problems() {
    return problems;
  }
}
