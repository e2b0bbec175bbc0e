package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parsed fields of manifests, and manifests that are refused (S7, S8, S12). */
class ManifestTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  private static final String EMPTY_INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";

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
        "{\"schemaVersion\":2,\"artifactType\":\"sbom\",\"manifests\":[%s]}"
            .formatted(descriptor(IMAGE, 'a', 1));

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
  void typeIsComparedWithoutCase() {
    String json = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}".formatted(INDEX);

    assertThat(read(INDEX.toUpperCase(Locale.ROOT), json).mediaType()).isEqualTo(INDEX);
  }

  /** What proxies, static file servers and old registries say of any content, or of none. */
  private static Stream<String> typesThatSayNothing() {
    return Stream.of(
        null,
        "",
        "application/json",
        "Application/JSON; charset=utf-8",
        "text/plain",
        "TEXT/plain;charset=UTF-8",
        "text/html",
        "application/octet-stream",
        "binary/octet-stream",
        "nonsense",
        "a/b/c");
  }

  @ParameterizedTest
  @MethodSource("typesThatSayNothing")
  void bodyTellsTheTypeWhereTheHeaderDoesNot(String header) {
    String named = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[]}";
    String docker = "application/vnd.docker.container.image.v1+json";

    assertThat(read(header, named.formatted(DOCKER, descriptor("x", 'a', 1))).mediaType())
        .isEqualTo(DOCKER);
    assertThat(read(header, image(docker)).mediaType()).isEqualTo(DOCKER);
    assertThat(read(header, image("application/vnd.oci.empty.v1+json")).mediaType())
        .isEqualTo(IMAGE);
    assertThat(read(header, EMPTY_INDEX).mediaType()).isEqualTo(INDEX);
  }

  private static String image(String configType) {
    return "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}"
        .formatted(descriptor(configType, 'a', 1));
  }

  @ParameterizedTest
  @MethodSource("typesThatSayNothing")
  void jsonOfALoginPortalIsInvalid(String header) {
    for (String json :
        List.of(
            "{}",
            "{\"error\":\"login_required\",\"location\":\"https://portal.example/\"}",
            "{\"errors\":[{\"code\":\"DENIED\"}]}",
            "{\"schemaVersion\":2}",
            "{\"schemaVersion\":2,\"config\":{}}",
            "{\"schemaVersion\":2,\"layers\":[]}",
            "{\"schemaVersion\":\"2\",\"manifests\":[]}",
            "{\"schemaVersion\":3,\"manifests\":[]}",
            "{\"manifests\":[]}")) {
      assertRefused(OciError.MANIFEST_INVALID, () -> read(header, json));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/html", "application/json", "application/xhtml+xml", "image/svg+xml", "x"})
  void bodyThatNamesNoTypeOfAManifestIsInvalid(String named) {
    String json = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}".formatted(named);

    for (String header : new String[] {null, "application/json", named}) {
      assertInvalid(header, json, "is not the type of a manifest");
    }
  }

  @Test
  void headerThatABrowserWouldRunIsNotBelieved() {
    assertThat(read("application/xhtml+xml", EMPTY_INDEX).mediaType()).isEqualTo(INDEX);
    assertThat(read("image/svg+xml", EMPTY_INDEX).mediaType()).isEqualTo(INDEX);
  }

  @Test
  void typeThatWeDoNotKnowIsPassedOn() {
    String type = "application/vnd.example.thing.v1+json";

    assertThat(read(type, image("a/b")).mediaType()).isEqualTo(type);
    assertInvalid(type, "{\"schemaVersion\":2}", "neither config and layers nor manifests");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "blake3:abababababababababababababababababababababababababababababababab",
        "sha384:abababababababababababababababababababababababababababababababab",
        "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
        "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
        "x:y"
      })
  void contentThatCannotBeVerifiedIsNoChild(String digest) {
    String other = "{\"mediaType\":\"x\",\"digest\":\"" + digest + "\",\"size\":5}";
    String json =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s,%s],\"subject\":%s}"
            .formatted(other, other, descriptor("x", 'a', 1), other);

    Manifest image = read(IMAGE, json);
    assertThat(image.children()).containsExactly(new Descriptor("x", digest('a'), 1));
    assertThat(image.subject()).isNull();
    assertThat(read(INDEX, "{\"schemaVersion\":2,\"manifests\":[" + other + "]}").children())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "X-UTF-16LE-BOM"})
  void otherEncodingThanUtf8IsInvalid(String charset) {
    byte[] bytes = EMPTY_INDEX.getBytes(Charset.forName(charset));

    assertRefused(OciError.MANIFEST_INVALID, () -> Manifest.read(digest('a'), INDEX, bytes))
        .hasMessageContaining("UTF-8");
  }

  @Test
  void byteOrderMarkIsInvalid() {
    assertInvalid(INDEX, "\ufeff" + EMPTY_INDEX, "byte order mark");
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmIsVerified(Digest.Algorithm algorithm) {
    byte[] bytes = EMPTY_INDEX.getBytes(UTF_8);
    Digest right = Digest.ofBytes(algorithm, bytes);

    assertThat(Manifest.verify(right, INDEX, bytes).digest()).isEqualTo(right);
    assertRefused(
            OciError.MANIFEST_INVALID, () -> Manifest.verify(right, INDEX, "{ }".getBytes(UTF_8)))
        .hasMessageContaining("its bytes hash to " + algorithm.label());
  }

  @Property
  void oneFlippedBitIsSeen(
      @ForAll @IntRange(min = 0, max = 33) int at, @ForAll @IntRange(min = 0, max = 7) int bit) {
    byte[] bytes = EMPTY_INDEX.getBytes(UTF_8);
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
        "{\"schemaVersion\":1}|schema 1 is not supported",
        "{\"layers\":[]}|its schemaVersion is not 2",
        "{\"mediaType\":7}|its mediaType is not a string",
        "{\"mediaType\":{}}|its mediaType is not a string",
        "{\"layers\":[],\"manifests\":[]}|at once",
        "{\"config\":null,\"manifests\":[]}|at once",
        "{\"manifests\":{},\"layers\":[]}|at once",
        "{\"manifests\":[]}|does not fit its type",
        "{\"config\":{},\"layers\":{}}|its field layers is not a list",
        "{\"config\":{},\"layers\":[],\"blobs\":\"x\"}|its field blobs is not a list",
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
        "{\"digest\":\"blake3:\",\"size\":5}",
        "{\"digest\":\"Blake3:ab\",\"size\":5}",
        "{\"digest\":\"sha256:ab\",\"size\":5}",
        "{\"digest\":\"D\",\"size\":5,\"mediaType\":\"x\\r\\nSet-Cookie: y\"}"
      })
  void descriptorThatIsNoneIsInvalid(String descriptor) {
    String json = descriptor.replace("\"D\"", "\"" + digest('a') + "\"");

    String begin = "{\"schemaVersion\":2,";
    assertInvalid(IMAGE, begin + "\"layers\":[" + json + "]}", "it has a descriptor");
    assertInvalid(IMAGE, begin + "\"config\":" + json + "}", "it has a descriptor");
    assertInvalid(INDEX, begin + "\"manifests\":[" + json + "]}", "it has a descriptor");
    assertInvalid(
        INDEX, begin + "\"manifests\":[],\"subject\":" + json + "}", "it has a descriptor");
  }

  @Test
  void foreignUrlsAreOnlyBytes() {
    String layer =
        "{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":1,\"urls\":[\"http://evil/\"]}"
            .formatted(digest('a'));

    assertThat(read(IMAGE, "{\"schemaVersion\":2,\"layers\":[" + layer + "]}").children())
        .containsExactly(new Descriptor("x", digest('a'), 1));
  }

  @Test
  void fourMebibytesAreTheMost() {
    byte[] bytes =
        (EMPTY_INDEX + " ".repeat(Manifest.MAX_BYTES + 1 - EMPTY_INDEX.length())).getBytes(UTF_8);
    byte[] largest = Arrays.copyOf(bytes, Manifest.MAX_BYTES);

    assertThat(Manifest.read(digest('a'), INDEX, largest).children()).isEmpty();
    assertRefused(OciError.MANIFEST_INVALID, () -> Manifest.read(digest('a'), INDEX, bytes))
        .hasMessageContaining("larger than 4194304");
  }

  @Test
  void depthIsBounded() {
    assertInvalid(IMAGE, "{\"x\":" + "[".repeat(100_000), "not JSON");
    assertThat(
            read(INDEX, EMPTY_INDEX.replace("{", "{\"x\":" + "[".repeat(60) + "]".repeat(60) + ","))
                .children())
        .isEmpty();
  }

  private static String index(int manifests) {
    String platform = ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}";
    String one = descriptor(IMAGE, 'a', 527).replace("}", platform);
    return "{\"schemaVersion\":2,\"manifests\":[" + (one + ",").repeat(manifests - 1) + one + "]}";
  }

  @Test
  void largeManifestsOfRealRegistriesAreRead() {
    String layers = (descriptor("layer", 'b', 9) + ",").repeat(999) + descriptor("layer", 'c', 9);
    String note = "\"annotations\":{\"note\":\"" + "x".repeat(3 << 20) + "\"},";
    String begin = "{\"schemaVersion\":2," + note + "\"config\":" + descriptor("x", 'a', 1);

    assertThat(read(INDEX, index(16_000)).children()).hasSize(16_000);
    assertThat(read(IMAGE, begin + ",\"layers\":[" + layers + "]}").children()).hasSize(1_001);
  }

  /** S24: each was a valid manifest, and a tree of a hundred megabytes. */
  @Test
  void moreValuesThanAnyManifestHasAreInvalid() {
    String tiny = "{\"digest\":\"" + digest('a') + "\",\"size\":1}";
    String many =
        "{\"schemaVersion\":2,\"manifests\":[" + (tiny + ",").repeat(40_000) + tiny + "]}";
    assertInvalid(INDEX, many, "more than 40000 blobs or manifests");

    for (String values :
        List.of("[" + "{},".repeat(1_000_000) + "{}]", "[" + "0,".repeat(600_000) + "0]")) {
      assertInvalid(INDEX, EMPTY_INDEX.replace("{", "{\"x\":" + values + ","), "Token count");
      assertInvalid(
          INDEX, EMPTY_INDEX.replace("}", ",\"annotations\":" + values + "}"), "Token count");
    }
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
