package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parsed fields of manifests, and manifests that are refused (S7, S8, S12). */
class ManifestTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  private static Digest digest(char c) {
    return Digest.of("sha256:" + String.valueOf(c).repeat(64));
  }

  private static String descriptor(String type, char c, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest(c), size);
  }

  private static Manifest read(String type, String json) {
    byte[] bytes = json.getBytes(UTF_8);
    return Manifest.verify(Digest.ofBytes(Digest.Algorithm.SHA256, bytes), type, bytes);
  }

  private static void assertInvalid(String type, String json, String why) {
    assertRefused(OciError.MANIFEST_INVALID, () -> read(type, json)).hasMessageContaining(why);
  }

  @Test
  void imageNamesItsConfigurationAndLayers() {
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s,%s],\"subject\":%s}"
            .formatted(
                IMAGE,
                descriptor("application/vnd.oci.image.config.v1+json", 'a', 5),
                descriptor("layer", 'b', 0),
                descriptor("layer", 'c', Long.MAX_VALUE),
                descriptor(IMAGE, 'd', 7));

    Manifest manifest = read(IMAGE + "; charset=utf-8", json);

    assertThat(manifest.bytes()).isEqualTo(json.getBytes(UTF_8));
    assertThat(manifest.mediaType()).isEqualTo(IMAGE);
    assertThat(manifest.children())
        .containsExactly(
            new Descriptor("application/vnd.oci.image.config.v1+json", digest('a'), 5),
            new Descriptor("layer", digest('b'), 0),
            new Descriptor("layer", digest('c'), Long.MAX_VALUE));
    assertThat(manifest.subject()).isEqualTo(new Descriptor(IMAGE, digest('d'), 7));
    assertThat(manifest.artifactType()).isEqualTo("application/vnd.oci.image.config.v1+json");
    assertThat(manifest.toString()).doesNotContain("schemaVersion");
  }

  @Test
  void indexNamesItsManifests() {
    String json =
        "{\"artifactType\":\"sbom\",\"manifests\":[%s]}".formatted(descriptor(IMAGE, 'a', 1));

    for (String type : new String[] {INDEX, DOCKER_LIST}) {
      Manifest index = read(type, json);
      assertThat(index.children()).containsExactly(new Descriptor(IMAGE, digest('a'), 1));
      assertThat(index.artifactType()).isEqualTo("sbom");
      assertThat(index.subject()).isNull();
    }
  }

  @Test
  void artifactManifestNamesItsBlobs() {
    String json = "{\"blobs\":[%s],\"layers\":null}".formatted(descriptor("x/y", 'a', 1));

    Manifest artifact = read("application/vnd.oci.artifact.manifest.v1+json", json);
    assertThat(artifact.children()).containsExactly(new Descriptor("x/y", digest('a'), 1));
    assertThat(artifact.artifactType()).isNull();
  }

  @Test
  void typeIsComparedWithoutCaseOfTheHeader() {
    assertThat(read("Application/JSON", "{\"mediaType\":\"application/json\"}").mediaType())
        .isEqualTo("application/json");
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmIsVerified(Digest.Algorithm algorithm) {
    byte[] bytes = "{}".getBytes(UTF_8);
    Digest right = Digest.ofBytes(algorithm, bytes);

    assertThat(Manifest.verify(right, IMAGE, bytes).digest()).isEqualTo(right);
    assertRefused(
            OciError.MANIFEST_INVALID, () -> Manifest.verify(right, IMAGE, "{ }".getBytes(UTF_8)))
        .hasMessageContaining("its bytes hash to " + algorithm.label());
  }

  @Property
  void oneFlippedBitIsSeen(
      @ForAll @IntRange(min = 0, max = 1) int at, @ForAll @IntRange(min = 0, max = 7) int bit) {
    byte[] bytes = "{}".getBytes(UTF_8);
    byte[] flipped = bytes.clone();
    flipped[at] ^= (byte) (1 << bit);

    assertRefused(
        OciError.MANIFEST_INVALID,
        () -> Manifest.verify(Digest.ofBytes(Digest.Algorithm.SHA256, bytes), IMAGE, flipped));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"mediaType\":\"" + INDEX + "\"}|its mediaType is",
        "{\"mediaType\":7}|its mediaType is not a string",
        "{\"mediaType\":{}}|its mediaType is not a string",
        "{\"layers\":[],\"manifests\":[]}|at once",
        "{\"config\":null,\"manifests\":[]}|at once",
        "{\"manifests\":{},\"layers\":[]}|at once",
        "{\"manifests\":[]}|does not fit its type",
        "{\"layers\":{}}|its field layers is not a list",
        "{\"blobs\":\"x\"}|its field blobs is not a list",
        "{\"a\":1,\"a\":2}|not JSON",
        "{} {}|not JSON",
        "[]|not a JSON object",
        "null|not a JSON object",
        "<html>|not JSON",
        "{|not JSON"
      })
  void imageThatIsNoneIsInvalid(String json, String why) {
    assertInvalid(IMAGE, json, why);
    assertInvalid(DOCKER, json, json.contains(INDEX) ? "its mediaType" : why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"layers", "config", "fsLayers"})
  void indexWithPartsOfAnImageIsInvalid(String part) {
    assertInvalid(INDEX, "{\"" + part + "\":[]}", "does not fit its type");
    assertInvalid(DOCKER_LIST, "{\"" + part + "\":[]}", "does not fit its type");
  }

  @Test
  void emptyBodyIsInvalid() {
    assertRefused(OciError.MANIFEST_INVALID, () -> read(IMAGE, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws"
      })
  void schema1IsNotSupported(String type) {
    assertInvalid(type, "{\"schemaVersion\":1}", "schema 1 is not supported");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "7",
        "\"x\"",
        "{\"digest\":\"D\"}",
        "{\"digest\":\"D\",\"size\":-1}",
        "{\"digest\":\"D\",\"size\":\"5\"}",
        "{\"digest\":\"D\",\"size\":1.5}",
        "{\"digest\":\"D\",\"size\":99999999999999999999}",
        "{\"digest\":7,\"size\":5}",
        "{\"digest\":\"sha256:../x\",\"size\":5}",
        "{\"digest\":\"latest\",\"size\":5}",
        "{\"digest\":\"D\",\"size\":5,\"mediaType\":\"x\\r\\nSet-Cookie: y\"}"
      })
  void descriptorThatIsNoneIsInvalid(String descriptor) {
    String json = descriptor.replace("\"D\"", "\"" + digest('a') + "\"");

    assertInvalid(IMAGE, "{\"layers\":[" + json + "]}", "it has a descriptor");
    assertInvalid(IMAGE, "{\"config\":" + json + "}", "it has a descriptor");
    assertInvalid(IMAGE, "{\"subject\":" + json + "}", "it has a descriptor");
    assertInvalid(INDEX, "{\"manifests\":[" + json + "]}", "it has a descriptor");
  }

  @Test
  void foreignUrlsAreOnlyBytes() {
    String layer =
        "{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":1,\"urls\":[\"http://evil/\"]}"
            .formatted(digest('a'));

    assertThat(read(IMAGE, "{\"layers\":[" + layer + "]}").children())
        .containsExactly(new Descriptor("x", digest('a'), 1));
  }

  @Test
  void fourMebibytesAreTheMost() {
    byte[] bytes = new byte[Manifest.MAX_BYTES + 1];
    Arrays.fill(bytes, (byte) ' ');
    bytes[0] = '{';
    bytes[1] = '}';
    byte[] largest = Arrays.copyOf(bytes, Manifest.MAX_BYTES);

    assertThat(Manifest.read(digest('a'), IMAGE, largest).children()).isEmpty();
    assertRefused(OciError.MANIFEST_INVALID, () -> Manifest.read(digest('a'), IMAGE, bytes))
        .hasMessageContaining("larger than 4194304");
  }

  @Test
  void depthIsBounded() {
    assertInvalid(IMAGE, "{\"x\":" + "[".repeat(100_000), "not JSON");
    assertThat(read(IMAGE, "{\"x\":" + "[".repeat(60) + "]".repeat(60) + "}").children()).isEmpty();
  }

  @Property
  void anyBytesAreAnswered(@ForAll byte[] bytes) {
    try {
      Manifest.read(digest('a'), IMAGE, bytes);
    } catch (OciException e) {
      assertThat(e.error()).isEqualTo(OciError.MANIFEST_INVALID);
    }
  }
}
