package io.entrepot.upstream;

import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A response that broke off before its end. A {@link FetchRange} can continue it.
 *
 * @param source who sent it: scheme, host and port of an upstream or a mirror. Where there is
 *     another, that one is asked first for the rest
 * @param etag its {@code ETag}, or null. A strong one is sent as {@code If-Range} (RFC 9110,
 *     13.1.5), to its source only
 * @param blobSize size of the whole blob in bytes, where the response said it. An answer that names
 *     another size is refused
 */
public record BrokenResponse(URI source, @Nullable String etag, OptionalLong blobSize) {}
