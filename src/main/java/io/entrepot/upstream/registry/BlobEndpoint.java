package io.entrepot.upstream.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.io.InputStream;
import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The blobs of a registry (end-2). Thread-safe. */
final class BlobEndpoint {
  private static final byte[] NO_BYTES = {};

  /** In bytes. The pages and messages of portals are shorter. */
  private static final int MAX_HASHED = 64 << 10;

  private final URI root;
  private final AuthorizedTransport transport;
  private final HeadMemory heads;

  BlobEndpoint(URI root, AuthorizedTransport transport, HeadMemory heads) {
    this.root = root;
    this.transport = transport;
    this.heads = heads;
  }

  private URI uri(RepositoryName repository, Digest digest) {
    return root.resolve("/v2/" + repository + "/blobs/" + digest);
  }

  /**
   * Asks for size and type. A HEAD that says no decides nothing: then a GET of the first byte is
   * sent, and decides. So it is where the HEAD names no size, and where a redirect leads to a
   * server without HEAD (a presigned URL can be for GET only).
   */
  Descriptor head(RepositoryName repository, Digest digest, Call call) throws UpstreamException {
    return heads.ask(
        repository, () -> told(repository, digest, call), () -> probe(repository, digest, call));
  }

  /** What a HEAD says of a blob; null where it says nothing that counts. */
  private @Nullable Descriptor told(RepositoryName repository, Digest digest, Call call)
      throws UpstreamException {
    UpstreamRequest request = UpstreamRequest.head(uri(repository, digest));
    try (Answer answer = transport.hint(request, call)) {
      if (HeadMemory.isFailure(answer.status())) {
        throw failure(answer);
      }
      OptionalLong size = answer.contentLength();
      boolean sound =
          answer.status() == 200
              && !isDubious(answer)
              && DigestClaim.fits(answer, digest)
              && size.isPresent()
              && isPlausible(size.getAsLong(), digest);
      return sound ? descriptor(answer, digest, size.getAsLong()) : null;
    }
  }

  /** Some servers announce 0 where they would compress. Only one blob really has no bytes. */
  private static boolean isPlausible(long size, Digest digest) {
    return size > 0 || digest.matches(NO_BYTES);
  }

  private Descriptor probe(RepositoryName repository, Digest digest, Call call)
      throws UpstreamException {
    UpstreamRequest request =
        UpstreamRequest.get(uri(repository, digest)).with("Range", "bytes=0-0");
    try (Answer answer = transport.send(request, call)) {
      OptionalLong size =
          switch (answer.status()) {
            case 200 -> answer.contentLength();
            case 206, 416 ->
                ContentRange.parse(answer.header("Content-Range"))
                    .map(ContentRange::size)
                    .orElse(OptionalLong.empty());
            default -> throw failure(answer);
          };
      DigestClaim.check(answer, digest);
      if (answer.status() == 200) {
        requireBlob(answer, digest, size);
      }
      answer.drain();
      if (size.isEmpty() || !isPlausible(size.getAsLong(), digest)) {
        throw UpstreamFailures.invalid(answer, "it does not say how large the blob is");
      }
      return descriptor(answer, digest, size.getAsLong());
    }
  }

  /**
   * Whether a 200 can be of something on the way: a page, or a JSON without the digest. Login
   * portals answer so, and some registries send blobs as JSON.
   */
  private static boolean isDubious(Answer answer) {
    String type = MediaType.parse(answer.header("Content-Type")).orElse("");
    boolean json = type.equalsIgnoreCase("application/json");
    return RegistryMarks.isHtml(answer) || (json && DigestClaim.find(answer).isEmpty());
  }

  /** A dubious answer must be the blob itself, so it is read where it is small. */
  private static void requireBlob(Answer answer, Digest digest, OptionalLong size)
      throws UpstreamException {
    if (!isDubious(answer)) {
      return;
    }
    boolean small = size.orElse(Long.MAX_VALUE) <= MAX_HASHED;
    if (RegistryMarks.isHtml(answer) || (small && !digest.matches(answer.readAll(MAX_HASHED)))) {
      throw UpstreamFailures.invalid(answer, "a page or a message in place of the blob");
    }
  }

  private static Descriptor descriptor(Answer answer, Digest digest, long size) {
    String type = MediaType.parse(answer.header("Content-Type")).orElse(MediaType.OCTETS);
    return new Descriptor(answer.status() == 416 ? MediaType.OCTETS : type, digest, size);
  }

  /** Begins to fetch. The deadline of the call ends with the head; after that only stalls count. */
  UpstreamBody fetch(RepositoryName repository, Digest digest, FetchRange range, Call call)
      throws UpstreamException {
    Answer answer = transport.send(request(uri(repository, digest), range), call);
    try {
      UpstreamBody body = body(answer, digest, range);
      requireSameSize(answer, body, range);
      answer.liftDeadline();
      return body;
    } catch (UpstreamException | RuntimeException | Error e) {
      answer.close();
      throw e;
    }
  }

  private static void requireSameSize(Answer answer, UpstreamBody body, FetchRange range)
      throws UpstreamException {
    OptionalLong before = range.after() == null ? body.blobSize() : range.after().blobSize();
    if (before.isPresent() && body.blobSize().orElse(before.getAsLong()) != before.getAsLong()) {
      throw UpstreamFailures.invalid(
          answer,
          "the blob has "
              + body.blobSize().getAsLong()
              + " bytes where it had "
              + before.getAsLong()
              + " before");
    }
  }

  private UpstreamRequest request(URI uri, FetchRange range) {
    UpstreamRequest request = UpstreamRequest.get(uri);
    if (range.isWhole()) {
      return request;
    }
    String last = range.last() == Long.MAX_VALUE ? "" : String.valueOf(range.last());
    UpstreamRequest ranged = request.with("Range", "bytes=" + range.first() + "-" + last);
    BrokenResponse after = range.after();
    // An ETag means something only to the server that gave it.
    String etag = after != null && after.source().equals(root) ? strong(after.etag()) : null;
    return etag == null ? ranged : ranged.with("If-Range", etag);
  }

  private UpstreamBody body(Answer answer, Digest digest, FetchRange range)
      throws UpstreamException {
    if (answer.status() == 206 && !range.isWhole()) {
      return partial(answer, range);
    }
    if (answer.status() == 206) {
      throw UpstreamFailures.invalid(
          answer, "a part of the blob (206) where all of it was asked for");
    }
    if (answer.status() != 200) {
      throw failure(answer);
    }
    DigestClaim.check(answer, digest);
    return Body.of(root, answer, 0, answer.contentLength(), answer.contentLength());
  }

  private UpstreamBody partial(Answer answer, FetchRange range) throws UpstreamException {
    String header = answer.header("Content-Range");
    ContentRange part = ContentRange.parse(header).orElse(null);
    if (part == null || !part.answers(range)) {
      throw UpstreamFailures.invalid(
          answer, "another range than asked for: " + answer.quote(header));
    }
    long length = part.last() - part.first() + 1;
    if (answer.contentLength().orElse(length) != length) {
      throw UpstreamFailures.invalid(answer, "its Content-Length contradicts its Content-Range");
    }
    return Body.of(root, answer, part.first(), part.size(), OptionalLong.of(length));
  }

  /**
   * The failure that an answer means. What the upstream says in its body is passed on with a "no"
   * only, which a GET has always said. Other failures can answer a HEAD, which has no body. If they
   * had words, a client could see by them which of the two was sent, and so whether the bytes are
   * here for somebody else.
   */
  private UpstreamException failure(Answer answer) throws UpstreamException {
    UpstreamException failure = transport.failure(answer);
    boolean no = failure.failure() == Failure.NOT_FOUND || failure.failure() == Failure.DENIED;
    return no ? failure : failure.saying("");
  }

  private static @Nullable String strong(@Nullable String etag) {
    boolean strong =
        etag != null
            && etag.length() >= 2
            && etag.startsWith("\"")
            && etag.endsWith("\"")
            && etag.chars().allMatch(c -> c > ' ' && c < 0x7f);
    return strong ? etag : null;
  }

  /**
   * The body of an answer. Where its last byte has been read, the end of the answer is read too, so
   * that the connection can be used again.
   */
  private record Body(
      URI source, Answer answer, InputStream stream, long offset, OptionalLong blobSize)
      implements UpstreamBody {
    /**
     * Begins to read.
     *
     * @param length of the body, where the answer says it
     */
    static Body of(
        URI source, Answer answer, long offset, OptionalLong blobSize, OptionalLong length)
        throws UpstreamException {
      return new Body(source, answer, answer.streamOf(length), offset, blobSize);
    }

    @Override
    public boolean isWhole() {
      return answer.status() == 200;
    }

    @Override
    public boolean hasLength() {
      return answer.contentLength().isPresent();
    }

    @Override
    public boolean isOfTarget() {
      return answer.isFromTarget();
    }

    @Override
    public String server() {
      return String.valueOf(answer.uri().getRawAuthority());
    }

    @Override
    public @Nullable String etag() {
      return strong(answer.header("ETag"));
    }

    @Override
    public void close() {
      answer.close();
    }
  }
}
