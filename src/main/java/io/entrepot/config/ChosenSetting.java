package io.entrepot.config;

/**
 * The value of a setting that counts, for people.
 *
 * @param key the key as in {@code config.yml}
 * @param value the text of the value, {@code ***} for a secret, empty where there is none
 * @param source where it is written, such as {@code environment ENTREPOT_PROXY_TTL}, or {@code
 *     default}
 */
public record ChosenSetting(String key, String value, String source) {}
