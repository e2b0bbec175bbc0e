package io.entrepot.oci;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;


/** What it costs to understand a request: the part of each hit that no cache saves. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParserBenchmark {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  // Not final, so that the compiler cannot work the answers out beforehand.
  private String blob = "/v2/library/ubuntu/blobs/" + DIGEST;
  private String tag = "/v2/some-organisation/some-team/some-image/manifests/v1.2.3-alpine";
  private String range = "bytes=1048576-2097151";
  private String notFound = "/v2/library/UPPER/blobs/" + DIGEST;

  @Benchmark
  public RegistryRequest blobByDigest() {
    return RegistryRequest.parse("GET", blob, null);
  }

  @Benchmark
  public RegistryRequest manifestByTagAsContainerdAsks() {
    return RegistryRequest.parse("HEAD", tag, "ns=docker.io");
  }

  @Benchmark
  public Object rangeOfABlob() {
    return RangeSpec.parse(range);
  }

  @Benchmark
  public Object refusal() {
    try {
      return RegistryRequest.parse("GET", notFound, null);
    } catch (OciException e) {
      return e;
    }
  }
}
