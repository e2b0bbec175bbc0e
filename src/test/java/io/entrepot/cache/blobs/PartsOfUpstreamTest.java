package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import io.entrepot.routing.BlobRules;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An upstream that has sent a part of 1 MiB as it was asked to, and later does not. Its blobs of 3
 * MiB are fetched by one connection.
 */
class PartsOfUpstreamTest extends BlobCacheFixture {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 3 * MIB;
  private static final String FIRST = "bytes=0-1048575";
  private static final String SECOND = "bytes=1048576-2097151";
  private static final String REST = "bytes=1048576-";

  private int seeds = 10;

  /** How an upstream may answer a range. */
  enum Wrong {
    WHOLE,
    WHOLE_AS_PART,
    OTHER_RANGE,
    THROTTLED;

    Fault fault(Content whole) {
      return switch (this) {
        case WHOLE -> Fault.reply(Reply.of(200, whole));
        case WHOLE_AS_PART ->
            new Fault(
                reply -> reply.status() == 206,
                reply -> Fault.chunked().change().apply(reply.body(whole)));
        case OTHER_RANGE -> Fault.header("Content-Range", "bytes 0-99/" + SIZE);
        case THROTTLED -> Fault.throttled("0");
      };
    }
  }

  @BeforeEach
  void shorterParts() {
    rules = rules(0, 0, new BlobRules.Parts(1, MIB));
    pauses = (n, asked) -> upstream.skip(asked);
  }

  /** A client asks for a part far ahead of a fill, and gets it. */
  private void partIsSent() throws Exception {
    long size = 10 * MIB;
    Digest large = upstream.registry.putGeneratedBlob(size, ++seeds);
    Gate gate = new Gate();
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") == null), Fault.gate(gate, MIB));
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    lookups.runNext();
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    whole.join().close();
    Told.answer(fetch(APP, large, range(size - 100, size - 1))).close();
    upstream.fills.runNext();
    gate.release();
    fill.join();
    settle();
  }

  private Digest newBlob() {
    return upstream.registry.putGeneratedBlob(SIZE, ++seeds);
  }

  private Content content() {
    return Content.generated(SIZE, seeds);
  }

  /** Pulls the newest blob, and says which ranges of it the upstream was asked for. */
  private List<String> pull(Digest blob) throws IOException {
    CompletableFuture<BlobDelivery> whole = fetch(APP, blob, null);
    settle();
    assertThat(read(Told.answer(whole))).isEqualTo(content().bytes());
    return upstream.registry.blobGets(blob).stream()
        .map(get -> String.valueOf(get.header("Range")))
        .toList();
  }

  /** Pulls a blob, of which the upstream sends one range wrongly. It has sent parts before. */
  private List<String> pullWhereIsWrong(String range, Wrong wrong) throws Exception {
    partIsSent();
    Digest blob = newBlob();
    upstream.registry.inject(
        Recorded.blobGet(blob).and(get -> range.equals(get.header("Range"))),
        wrong.fault(content()));
    return pull(blob);
  }

  @ParameterizedTest
  @EnumSource
  void laterWrongAnswerIsOneStreamFromThenOnAndNoClientSeesIt(Wrong wrong) throws Exception {
    List<String> asked = pullWhereIsWrong(SECOND, wrong);

    assertThat(asked)
        .isEqualTo(wrong == Wrong.WHOLE ? List.of(FIRST, SECOND) : List.of(FIRST, SECOND, REST));
    assertThat(pull(newBlob())).as("it is remembered").containsExactly("null");
    clock.advance(RangeMemory.REFUSED);
    partIsSent();
    assertThat(pull(newBlob())).first().isEqualTo(FIRST);
  }

  @ParameterizedTest
  @EnumSource
  void wrongFirstAnswerIsOneStreamFromThenOnAndNoClientSeesIt(Wrong wrong) throws Exception {
    List<String> asked = pullWhereIsWrong(FIRST, wrong);

    assertThat(asked).isEqualTo(wrong == Wrong.WHOLE ? List.of(FIRST) : List.of(FIRST, "null"));
    assertThat(pull(newBlob())).as("it is remembered").containsExactly("null");
  }

  /** Those to which an upstream redirects need not be alike. */
  @Test
  void whatOneHostDoesSaysNothingOfAnother() throws Exception {
    try (FakeRegistry other = FakeRegistry.start()) {
      partIsSent();
      Digest there = newBlob();
      other.putGeneratedBlob(SIZE, seeds);
      other.withoutRanges();
      String moved = other.uri() + "/v2/team/app/blobs/" + there;
      upstream.registry.inject(Recorded.blobGet(there), Fault.redirect(moved));

      assertThat(pull(there)).as("it sends the whole").containsExactly(FIRST);
      assertThat(pull(newBlob())).as("as the host that has answered last").containsExactly("null");
      assertThat(pull(newBlob())).containsExactly(FIRST, SECOND, "bytes=2097152-3145727");
    }
  }
}
