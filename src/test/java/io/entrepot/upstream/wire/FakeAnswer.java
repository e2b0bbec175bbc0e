package io.entrepot.upstream.wire;

import io.entrepot.memory.Allowance;
import io.entrepot.oci.Cost;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.wire.Answer.Sender;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;

/** An answer that no connection has brought, for tests of what reads it. */
public final class FakeAnswer {
  private static final URI URL = URI.create("https://registry.example/v2/team/app/tags/list");
  private static final ScheduledThreadPoolExecutor UNUSED = new ScheduledThreadPoolExecutor(0);

  private FakeAnswer() {}

  /** A success with a body, and with these values of one header. */
  public static Answer of(byte[] body, String header, List<String> values) {
    BasicClassicHttpResponse response = new BasicClassicHttpResponse(200);
    values.forEach(value -> response.addHeader(header, value));
    response.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    Call call = new Call(Scope.NONE, false, new Cost(), CallDeadline.in(Duration.ofMinutes(1)));
    return new Answer(
        UpstreamRequest.get(URL),
        Sender.UPSTREAM,
        new BodyMemory(new Allowance(Integer.MAX_VALUE), call),
        new HttpUriRequestBase("GET", URL),
        response,
        UNUSED,
        CompletableFuture.completedFuture(null));
  }
}
