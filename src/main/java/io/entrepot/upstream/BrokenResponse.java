package io.entrepot.upstream;

import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An earlier response that broke off, which a {@link FetchRange} continues.
 *
 * @param source who sent it: scheme, host and port of an upstream or a mirror. Another is asked
 *     first, where there is one
 * @param etag its {@code ETag}, or null; sent as {@code If-Range} (RFC 9110, 13.1.5) to its source
 *     only, where it is a strong one
 * @param blobSize of the whole blob by that response; another answer that names another size is
 *     refused
 */
public record BrokenResponse(URI source, @Nullable String etag, OptionalLong blobSize) {}
