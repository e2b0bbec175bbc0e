package io.entrepot.config;

import java.util.List;

/** Errors in the settings. The message has one line for each error. */
public class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final List<String> problems;

  ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** The errors, one line each, without secrets; never empty. */
  public List<String> problems() {
    return problems;
  }
}
