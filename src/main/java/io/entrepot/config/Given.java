package io.entrepot.config;

/**
 * What somebody wrote for a setting.
 *
 * @param text not blank
 * @param source where it was written, as people name it, such as {@code environment
 *     ENTREPOT_PROXY_TTL}
 */
record Given(String text, String source) {}
