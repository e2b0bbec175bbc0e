package io.entrepot.access;

/**
 * A way to log in that is set up.
 *
 * @param name as rules write it, such as {@code htpasswd} or {@code oidc.github}
 * @param hasGroups whether it knows the groups of its users
 * @param hasColons whether the names of its users may have a colon. A name that comes with a
 *     password never has one.
 */
public record Way(String name, boolean hasGroups, boolean hasColons) {}
