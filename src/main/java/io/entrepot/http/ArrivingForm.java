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
  private final long announced;
  private final CompletableFuture<Form> form = new CompletableFuture<>();

  // Only the server's calls use these, one after another.
  private byte[] body = new byte[FIRST_BUFFER];
  private int length;

  /**
   * Begins to wait; {@link #read} begins to read.
   *
   * @param address the address of the client
   * @param announced how many bytes the client has announced; negative for a body in chunks
   */
  ArrivingForm(String address, ServletInputStream in, long announced) {
    this.address = address;
    this.in = in;
    this.announced = announced;
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
    if (!form.isDone()) {
      in.setReadListener(this);
    }
  }

  /** Reads all on this thread, which waits for the client until the form is given up. */
  void readHere() {
    try {
      int n = 0;
      while (!form.isDone() && n >= 0) {
        n = readOnce();
      }
      if (!form.isDone()) {
        onAllDataRead();
      }
    } catch (IOException e) {
      onError(e);
    }
  }

  /** Gives the form up. */
  void fail(OciException why) {
    form.completeExceptionally(why);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!form.isDone() && in.isReady() && !in.isFinished()) {
      if (readOnce() < 0) {
        return;
      }
    }
  }

  private int readOnce() throws IOException {
    if (length == body.length) {
      body = Arrays.copyOf(body, Math.min(2 * length, Form.MAX_BYTES + 1));
    }
    int n = in.read(body, length, body.length - length);
    length += Math.max(0, n);
    if (length > Form.MAX_BYTES) {
      fail(Form.bad("is larger than 64 KiB"));
    }
    return n;
  }

  @Override
  public void onAllDataRead() {
    if (announced >= 0 && announced != length) {
      fail(Form.bad("has not come whole"));
      return;
    }
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
