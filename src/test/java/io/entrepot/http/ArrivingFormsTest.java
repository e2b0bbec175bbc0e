package io.entrepot.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies of requests for tokens that come slowly, from one client or from many (S14, S25). */
class ArrivingFormsTest {
  private static final String FORM = "application/x-www-form-urlencoded; charset=utf-8";

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final ArrivingForms forms = new ArrivingForms(timer);

  ArrivingFormsTest() {
    timer.setRemoveOnCancelPolicy(true);
  }

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  /** A server that gives a body piece by piece. */
  private static final class Body extends ServletInputStream {
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private ReadListener listener;
    private long announced = -1;

    /** A piece comes, and the server says so. */
    void comes(String piece) throws IOException {
      pieces.add(piece.getBytes(US_ASCII));
      listener.onDataAvailable();
    }

    void ends() throws IOException {
      listener.onAllDataRead();
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("byte by byte");
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      byte[] piece = pieces.poll();
      assertThat(piece).as("a thread waits for the client").isNotNull();
      if (piece.length == 0) {
        return -1;
      }
      int n = Math.min(length, piece.length);
      System.arraycopy(piece, 0, target, offset, n);
      if (n < piece.length) {
        pieces.push(java.util.Arrays.copyOfRange(piece, n, piece.length));
      }
      return n;
    }

    @Override
    public boolean isReady() {
      return !pieces.isEmpty();
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public void setReadListener(ReadListener to) {
      listener = to;
    }
  }

  private static <T> T fake(Class<T> type, InvocationHandler calls) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
  }

  private CompletableFuture<Form> enter(String address, Body body) throws IOException {
    return enter(address, body, FORM);
  }

  private CompletableFuture<Form> enter(String address, Body body, String type) throws IOException {
    AsyncContext async = fake(AsyncContext.class, (self, method, arguments) -> null);
    HttpServletRequest request =
        fake(
            HttpServletRequest.class,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "getContentType" -> type;
                  case "getInputStream" -> body;
                  case "startAsync" -> async;
                  case "getContentLengthLong" -> body.announced;
                  default -> "POST";
                });
    HttpServletResponse response =
        fake(HttpServletResponse.class, (self, method, arguments) -> null);
    FakeExchange other = new FakeExchange(false);
    Exchange exchange =
        new Exchange(
            request,
            response,
            new Forwarding.Sender(address, Optional.empty(), ""),
            new ExchangeLog(new io.micrometer.core.instrument.simple.SimpleMeterRegistry()),
            other.exchanges);
    ArrivingForm form = forms.enter(exchange);
    form.read();
    return form.form();
  }

  private static OciError error(CompletableFuture<Form> form) {
    Throwable[] failure = new Throwable[1];
    var unused = form.whenComplete((value, thrown) -> failure[0] = thrown);
    assertThat(failure[0]).isInstanceOf(OciException.class);
    return ((OciException) failure[0]).error();
  }

  @Test
  void bodyIsReadAsItComesByNoThreadThatWaits() throws IOException {
    Body body = new Body();
    CompletableFuture<Form> form = enter("192.0.2.1", body);
    body.comes("username=ann&pass");
    assertThat(form).isNotDone();
    body.comes("word=" + "s".repeat(5_000));
    body.ends();

    assertThat(form.join().first("username")).isEqualTo("ann");
    assertThat(form.join().first("password")).hasSize(5_000);
    assertThat(timer.getQueue()).as("alarms").isEmpty();
  }

  /** A server that says too early that all has come would make a login an anonymous one. */
  @Test
  void bodyThatIsShorterThanAnnouncedIsAnError() throws IOException {
    Body body = new Body();
    body.announced = 20;
    CompletableFuture<Form> form = enter("192.0.2.1", body);
    body.ends();
    assertThat(error(form)).isEqualTo(OciError.NAME_INVALID);
  }

  @Test
  void bodyIsReadByTheThreadWhereTheServerDoesNotCall() {
    Body body = new Body();
    body.pieces.add("username=".getBytes(US_ASCII));
    body.pieces.add("ann".getBytes(US_ASCII));
    body.pieces.add(new byte[0]);
    ArrivingForm form = new ArrivingForm("192.0.2.1", body, 12);
    form.readHere();
    assertThat(form.form().join().first("username")).isEqualTo("ann");
  }

  @Test
  void bodyThatDripsEndsAfterTenSeconds() throws IOException {
    Body body = new Body();
    CompletableFuture<Form> form = enter("192.0.2.1", body);
    body.comes("username=ann");

    RunnableScheduledFuture<?> alarm = (RunnableScheduledFuture<?>) timer.getQueue().peek();
    assertThat(Duration.ofMillis(alarm.getDelay(TimeUnit.MILLISECONDS)))
        .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
    alarm.run();

    assertThat(error(form)).isEqualTo(OciError.NAME_INVALID);
    body.comes("&password=x"); // too late: it is not read
    assertThat(body.pieces).hasSize(1);
  }

  @Test
  void bodyHas64KibAtMost() throws IOException {
    Body fits = new Body();
    CompletableFuture<Form> whole = enter("192.0.2.1", fits);
    String name = "username=";
    fits.comes(name + "a".repeat((64 << 10) - name.length()));
    fits.ends();
    assertThat(whole.join().first("username")).hasSize((64 << 10) - name.length());

    Body larger = new Body();
    CompletableFuture<Form> form = enter("192.0.2.1", larger);
    larger.comes(name + "a".repeat((64 << 10) - name.length() + 1));
    assertThat(error(form)).isEqualTo(OciError.NAME_INVALID);
  }

  @Test
  void bodyThatBreaksOffAndOneThatIsNoFormAreErrors() throws IOException {
    Body body = new Body();
    CompletableFuture<Form> form = enter("192.0.2.1", body);
    body.comes("username=a");
    body.listener.onError(new IOException("connection reset"));
    assertThat(error(form)).isEqualTo(OciError.NAME_INVALID);

    assertThatThrownBy(() -> enter("192.0.2.1", new Body(), "application/json"))
        .isInstanceOf(OciException.class)
        .hasMessageContaining("is not application/x-www-form-urlencoded");
    assertThat(timer.getQueue()).isEmpty();
  }

  /** Whoever sends his body at once is heard, however many others do not. */
  @Test
  void oldestBodyOfTheAddressWithTheMostLeavesForANewOne() throws IOException {
    Body slowButAlone = new Body();
    CompletableFuture<Form> alone = enter("192.0.2.99", slowButAlone);
    List<CompletableFuture<Form>> attack = new ArrayList<>();
    for (int i = 0; i < 4 * ArrivingForms.MOST; i++) {
      attack.add(enter("192.0.2." + i % 8, new Body()));
    }
    assertThat(attack.stream().filter(form -> !form.isDone())).hasSize(ArrivingForms.MOST - 1);
    assertThat(error(attack.get(0))).isEqualTo(OciError.UNAVAILABLE);
    assertThat(timer.getQueue()).as("alarms").hasSize(ArrivingForms.MOST);

    Body victim = new Body();
    CompletableFuture<Form> heard = enter("192.0.2.100", victim);
    victim.comes("username=ann");
    victim.ends();
    assertThat(heard.join().first("username")).isEqualTo("ann");
    slowButAlone.comes("username=bob");
    slowButAlone.ends();
    assertThat(alone.join().first("username")).isEqualTo("bob");
  }
}
