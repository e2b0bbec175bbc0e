package io.entrepot.expiry.quartz;

import io.entrepot.oci.Digest;
import java.util.function.Consumer;
import org.quartz.Job;
import org.quartz.JobExecutionContext;

/** The job of all leases: hands on the digest that its trigger is named after. */
final class ExpiryJob implements Job {
  private final Consumer<Digest> onExpiry;

  ExpiryJob(Consumer<Digest> onExpiry) {
    this.onExpiry = onExpiry;
  }

  @Override
  public void execute(JobExecutionContext context) {
    onExpiry.accept(Digest.of(context.getTrigger().getKey().getName()));
  }
}
