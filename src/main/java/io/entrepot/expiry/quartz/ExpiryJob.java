package io.entrepot.expiry.quartz;

import io.entrepot.oci.Digest;
import java.util.function.Consumer;
import org.quartz.Job;
import org.quartz.JobExecutionContext;

/** The one job of all leases: tells whose lease has run out. */
public final class ExpiryJob implements Job {
  private final Consumer<Digest> onExpiry;

  public ExpiryJob(Consumer<Digest> onExpiry) {
    this.onExpiry = onExpiry;
  }

  @Override
  public void execute(JobExecutionContext context) {
    onExpiry.accept(Digest.of(context.getTrigger().getKey().getName()));
  }
}
