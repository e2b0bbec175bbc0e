package io.entrepot.config;

/**
 * The value that a user has written for a setting.
 *
 * @param text the text, not blank
 * @param source where it is written, for messages, such as {@code environment ENTREPOT_PROXY_TTL}
 */
record Given(String text, String source) {}
