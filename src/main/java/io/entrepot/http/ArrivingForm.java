package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * The body of one request for a token while it comes. The server calls it when there is something
 * to read, so that no thread waits for the client (S25).
 */
final class ArrivingForm implements ReadListener {
  /** Most bodies have fewer bytes. */
  private static final int FIRST_BUFFER = 1 << 10;

  private final String address;
  private final ServletInputStream in;
  private final CompletableFuture<Form> form = new CompletableFuture<>();

  // Only the server's calls use these, one after another.
  private byte[] body = new byte[FIRST_BUFFER];
  private int length;

  /**
   * Begins to wait; {@link #read} begins to read.
   *
   * @param address the address of the client
   */
  ArrivingForm(String address, ServletInputStream in) {
    this.address = address;
    this.in = in;
  }

  String address() {
    return address;
  }

  /** The form when it is whole. It is completed on a thread of the server, if it does not fail. */
  CompletableFuture<Form> form() {
    return form;
  }

  /** Lets the server call. What follows upon the form must have been said before. */
  void read() {
    in.setReadListener(this);
  }

  /** Gives the form up. */
  void fail(OciException why) {
    form.completeExceptionally(why);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!form.isDone() && in.isReady() && !in.isFinished()) {
      if (length == body.length) {
        body = Arrays.copyOf(body, Math.min(2 * length, Form.MAX_BYTES + 1));
      }
      int n = in.read(body, length, body.length - length);
      if (n < 0) {
        return;
      }
      length += n;
      if (length > Form.MAX_BYTES) {
        fail(Form.bad("is larger than 64 KiB"));
      }
    }
  }

  @Override
  public void onAllDataRead() {
    try {
      form.complete(Form.parse(new String(body, 0, length, StandardCharsets.US_ASCII)));
    } catch (OciException e) {
      fail(e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    fail(
        new OciException(
            OciError.NAME_INVALID, "the request for a token has not come whole", null, failure));
  }
}
