package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.TestUpstream;
import io.entrepot.cache.blobs.BlobProvider.Sender;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Source;
import io.entrepot.spool.FillKey;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The provider that follows another node, which a fake registry stands for. */
class NodeFirstTest extends BlobProviderContract {
  private static final RepositoryName APP = RepositoryName.of("team/app");

  private final TestUpstream node = new TestUpstream();
  private final TestUpstream upstream = new TestUpstream();
  private final FakeClaims claims = new FakeClaims();
  private boolean confirms = true;

  NodeFirstTest() {
    node.registry.putBlob("team/app", BLOB);
    upstream.registry.putBlob("team/app", BLOB);
  }

  @AfterEach
  void close() {
    node.close();
    upstream.close();
  }

  /** A table of one claim, which the node "other" has at first. */
  private final class FakeClaims implements FillClaims {
    private final List<String> told = new ArrayList<>();
    private String holder = "other";
    private long fence = 1;
    private boolean away;
    private boolean gone;
    private boolean knows = true;

    @Override
    public Optional<Claim> take(FillKey key, @Nullable Claim lost) {
      told.add(lost == null ? "take" : "take over");
      if (away) {
        return Optional.empty();
      }
      if (lost != null && lost.fence() == fence) {
        holder = "self";
        fence++;
      }
      return Optional.of(
          new Claim(key, holder, URI.create("http://a"), holder.equals("self"), fence));
    }

    @Override
    public void end(Claim own, boolean stored) {
      told.add(stored ? "stored" : "ended");
    }

    @Override
    public UpstreamBody follow(Claim claim, FetchRange range, @Nullable RepositoryName repository)
        throws UpstreamException, UnconfirmedException {
      if (gone) {
        throw new UpstreamException(Failure.UNREACHABLE, "nobody is there");
      }
      if (!knows && repository != null) {
        throw new UnconfirmedException("it is not known");
      }
      return source(node, 0).fetchBlob(claim.key().digest(), range, new Cost());
    }
  }

  private static Source source(TestUpstream from, long maxSize) {
    return from.source(APP, BlobCacheFixture.rules(maxSize, 0));
  }

  @Override
  BlobProvider provider(Digest digest, long maxSize) {
    return new NodeFirst(
        BlobProvider.of(source(upstream, maxSize), digest, new Cost()),
        claims,
        new NodeFirst.Wanted(new FillKey("docker.io", digest), APP, () -> confirms));
  }

  private BlobProvider provider() {
    return provider(DIGEST, 0);
  }

  @Override
  void breakAfter(long bytes) {
    node.registry.inject(Recorded.blobGet(DIGEST), Fault.closeAfter(bytes), 1);
  }

  private static FetchRange rest(long first, UpstreamBody broken) {
    return new FetchRange(first, Long.MAX_VALUE, broken.asBroken());
  }

  @Test
  void bytesComeFromTheNodeThatHasTheClaim() throws Exception {
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    provider.end(true);

    assertThat(provider.sender()).isEqualTo(Sender.NODE);
    assertThat(upstream.requests()).isEmpty();
    assertThat(claims.told).containsExactly("take"); // and it is not this node's to end
  }

  @Test
  void ownClaimLeadsToTheUpstreamAndEndsWithTheFill() throws Exception {
    claims.holder = "self";
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    provider.fetch(new FetchRange(10, 19, null)).close();
    provider.end(true);

    assertThat(provider.sender()).isEqualTo(Sender.UPSTREAM);
    assertThat(node.requests()).isEmpty();
    assertThat(claims.told).containsExactly("take", "stored");
  }

  @Test
  void nodeThatIsGoneLosesItsClaimAtOnce() throws Exception {
    claims.gone = true;
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    provider.end(false);

    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(claims.told).containsExactly("take", "take over", "ended");
  }

  @Test
  void nodeThatBreaksOffIsAskedOnceMoreForTheSameByte() throws Exception {
    BlobProvider provider = provider();
    UpstreamBody first = provider.fetch(FetchRange.WHOLE);
    first.close();
    UpstreamBody again = provider.fetch(rest(1000, first));
    again.close();
    assertThat(provider.sender()).isEqualTo(Sender.NODE);

    UpstreamBody other = provider.fetch(rest(1000, again));

    assertThat(other.offset()).isEqualTo(1000);
    other.close();
    assertThat(provider.sender()).isEqualTo(Sender.UPSTREAM);
    assertThat(claims.told).containsExactly("take", "take", "take over");
    BrokenResponse after = other.asBroken();
    provider.fetch(new FetchRange(2000, Long.MAX_VALUE, after)).close();
    assertThat(claims.told).hasSize(3); // once the upstream, always the upstream
  }

  @Test
  void withoutTheDatabaseTheUpstreamIsAsked() throws Exception {
    claims.away = true;
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    provider.end(true);

    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(claims.told).containsExactly("take");
  }

  @Test
  void repositoryThatTheNodeDoesNotKnowIsConfirmedOnce() throws Exception {
    claims.knows = false;
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    confirms = false;
    provider.fetch(new FetchRange(10, 19, null)).close();

    assertThat(node.requests()).containsExactly("GET", "GET");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void repositoryThatNobodyConfirmsIsLeftToTheUpstream() throws Exception {
    claims.knows = false;
    confirms = false;
    provider().fetch(FetchRange.WHOLE).close();

    assertThat(node.requests()).isEmpty();
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @Test
  void nodeThatSentWrongBytesIsNotAskedByTheNextFill() throws Exception {
    BlobProvider provider = provider();
    provider.fetch(FetchRange.WHOLE).close();
    provider.wasWrong();
    provider.end(false);

    provider().fetch(FetchRange.WHOLE).close();

    assertThat(upstream.requests()).containsExactly("GET");
  }
}
