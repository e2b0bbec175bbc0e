package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a response is cut off in Payara, with a request that has the methods of Payara's. */
class PayaraConnectionTest {
  private final List<String> calls = new ArrayList<>();

  /** Each of these objects stands for one of Payara's or Grizzly's, whose method it has. */
  public final class PayaraRequest extends HttpServletRequestWrapper {
    private final String protocol;

    PayaraRequest(String protocol) {
      super(plainRequest(protocol));
      this.protocol = protocol;
    }

    @Override
    public String getProtocol() {
      return protocol;
    }

    public Connector getUnwrappedCoyoteRequest() {
      return new Connector();
    }
  }

  /** Payara's request, its request of Grizzly, its context and its connection. */
  public final class Connector {
    public Connector getCoyoteRequest() {
      return this;
    }

    public Connector getContext() {
      return this;
    }

    public Connector getConnection() {
      return this;
    }

    public void terminateSilently() {
      calls.add("close");
    }
  }

  private static HttpServletRequest plainRequest(String protocol) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (self, method, arguments) -> method.getName().equals("getProtocol") ? protocol : null);
  }

  private AsyncContext context(HttpServletRequest request) {
    return (AsyncContext)
        Proxy.newProxyInstance(
            AsyncContext.class.getClassLoader(),
            new Class<?>[] {AsyncContext.class},
            (self, method, arguments) -> answer(method.getName(), request));
  }

  private @Nullable Object answer(String method, HttpServletRequest request) {
    if (method.equals("getRequest")) {
      return request;
    }
    calls.add(method);
    return null;
  }

  @Test
  void payarasConnectionIsClosedBeforeTheRequestIsCompletedAndNothingIsDispatched() {
    assertThat(Abort.cut(context(new PayaraRequest("HTTP/1.1")), "the upstream failed")).isTrue();

    assertThat(calls).containsExactly("close", "complete");
  }

  @Test
  void payarasConnectionIsClosedWhileTheApplicationStops() {
    assertThat(Abort.whileStopping(context(new PayaraRequest("HTTP/1.1")), "stop")).isTrue();

    assertThat(calls).containsExactly("close", "complete");
  }

  /** Other requests use the same connection. */
  @Test
  void connectionOfHttp2StaysOpen() {
    assertThat(Abort.cut(context(new PayaraRequest("HTTP/2.0")), "the upstream failed")).isFalse();

    assertThat(calls).containsExactly("dispatch");
  }

  @Test
  void requestOfAnotherServerIsDispatched() {
    assertThat(Abort.cut(context(plainRequest("HTTP/1.1")), "the upstream failed")).isFalse();

    assertThat(calls).containsExactly("dispatch");
  }
}
