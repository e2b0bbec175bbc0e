package io.entrepot.access;

import java.util.Optional;

/**
 * How people log in on the web pages.
 *
 * @param sessions what they have then
 * @param providers logs in by the pages of OpenID Connect providers; empty without such a provider
 */
public record WebLogins(Sessions sessions, Optional<ProviderLogins> providers) {}
