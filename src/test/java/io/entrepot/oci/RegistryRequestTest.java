package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.RegistryRequest.CheckVersion;
import io.entrepot.oci.RegistryRequest.GetBlob;
import io.entrepot.oci.RegistryRequest.GetManifest;
import io.entrepot.oci.RegistryRequest.GetRoot;
import io.entrepot.oci.RegistryRequest.ListReferrers;
import io.entrepot.oci.RegistryRequest.ListRepositories;
import io.entrepot.oci.RegistryRequest.ListTags;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Request lines as clients send them (S9, S10, S12, S19). */
class RegistryRequestTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final Digest DIGEST = Digest.of("sha256:" + HEX);

  private static RegistryRequest get(String path) {
    return get(path, null);
  }

  private static RegistryRequest get(String path, String query) {
    RegistryRequest request = RegistryRequest.parse("GET", path, query);
    assertThat(RegistryRequest.parse("HEAD", path, query)).isEqualTo(request);
    return request;
  }

  private static RepositoryName name(String name) {
    return RepositoryName.of(name);
  }

  @Test
  void everyEndpointIsUnderstood() {
    assertThat(get("/v2/")).isEqualTo(new CheckVersion());
    assertThat(get("/v2")).isEqualTo(new CheckVersion());
    assertThat(get("/")).isEqualTo(new GetRoot());
    assertThat(get("/v2/library/alpine/blobs/" + DIGEST))
        .isEqualTo(new GetBlob(name("library/alpine"), DIGEST));
    assertThat(get("/v2/alpine/manifests/3.20"))
        .isEqualTo(new GetManifest(name("alpine"), new Tag("3.20")));
    assertThat(get("/v2/alpine/manifests/" + DIGEST))
        .isEqualTo(new GetManifest(name("alpine"), DIGEST));
    assertThat(get("/v2/a/b/c/tags/list", "last=x&n=5"))
        .isEqualTo(new ListTags(name("a/b/c"), new Page(5, "x")));
    assertThat(get("/v2/a/referrers/" + DIGEST, "artifactType=sig%2Fv1%2Bjson"))
        .isEqualTo(new ListReferrers(name("a"), DIGEST, "sig/v1+json"));
    assertThat(get("/v2/_catalog", "n=0")).isEqualTo(new ListRepositories(new Page(0, null)));
  }

  @Test
  void repositoryMayBeCalledLikeAnEndpoint() {
    assertThat(get("/v2/tags/list/tags/list")).isEqualTo(new ListTags(name("tags/list"), Page.ALL));
    assertThat(get("/v2/a/blobs/b/manifests/blobs"))
        .isEqualTo(new GetManifest(name("a/blobs/b"), new Tag("blobs")));
  }

  @Test
  void emptyFilterFiltersNothing() {
    assertThat(get("/v2/a/referrers/" + DIGEST, "artifactType="))
        .isEqualTo(new ListReferrers(name("a"), DIGEST, null));
  }

  @Test
  void colonOfADigestMayBeEscaped() {
    assertThat(get("/v2/a/blobs/sha256%3A" + HEX)).isEqualTo(new GetBlob(name("a"), DIGEST));
    assertThat(get("/v2/a/blobs/sha256%3a" + HEX)).isEqualTo(new GetBlob(name("a"), DIGEST));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""})
  void writesAreUnsupportedWhateverThePath(String method) {
    assertRefused(OciError.UNSUPPORTED, () -> RegistryRequest.parse(method, "/v2/a/b", null));
    assertRefused(OciError.UNSUPPORTED, () -> RegistryRequest.parse(method, "/v2/%00", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/v1/",
        "/v2x",
        "/v3/a/tags/list",
        "/v2/a",
        "/v2/a/b",
        "/v2/tags/list",
        "/v2/a/tags/lists",
        "/v2/blobs/x",
        "/v2/a/uploads/x",
        "/v2/a/manifests/latest/",
        "/v2/_catalog/",
        "/V2/"
      })
  void whatIsNoEndpointIsUnknown(String path) {
    assertRefused(OciError.ENDPOINT_UNKNOWN, () -> get(path));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/A/tags/list, NAME_INVALID",
    "/v2/_a/tags/list, NAME_INVALID",
    "/v2/a/manifests/-x, MANIFEST_UNKNOWN",
    "/v2/A/manifests/-x, NAME_INVALID",
    "/v2/a/manifests/x@y, MANIFEST_UNKNOWN",
    "/v2/a/manifests/x:y, DIGEST_INVALID",
    "/v2/a/manifests/md5:d41d8cd98f00b204e9800998ecf8427e, ALGORITHM_UNSUPPORTED",
    "/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e, ALGORITHM_UNSUPPORTED",
    "/v2/a/referrers/md5:d41d8cd98f00b204e9800998ecf8427e, ALGORITHM_UNSUPPORTED",
    "/v2/a/manifests/sha256:abc, DIGEST_INVALID",
    "/v2/a/blobs/latest, DIGEST_INVALID",
    "/v2/a/blobs/uploads, DIGEST_INVALID",
    "/v2/a/referrers/latest, DIGEST_INVALID"
  })
  void malformedPartSaysWhichOne(String path, OciError error) {
    assertRefused(error, () -> get(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/a;x=y/tags/list",
        "/v2/a%2fb/tags/list",
        "/v2/a%2Fb/tags/list",
        "/v2/%2e%2e/tags/list",
        "/v2/a\\b/tags/list",
        "/v2//a/tags/list",
        "//v2/a/tags/list",
        "/v2/a/./tags/list",
        "/v2/a/../b/tags/list",
        "/v2/a/tags/..",
        "/v2/a/tags/.",
        "/v2/a%3Bb/tags/list",
        "/v2/a%253Ab/tags/list",
        "/v2/a%%3A3A/tags/list",
        "/v2/a b/tags/list",
        "/v2/é/tags/list",
        "/v2/a\u0000/tags/list",
        "/v2/a\r\nX: y/tags/list",
        "/v2/a%00/tags/list",
        "/v2/a\u007f/x/y",
        "/v2/a|b",
        "/v2/a<b",
        "/v2/a>b",
        "/v2/a\"b",
        "/v2/a^b",
        "/v2/a`b",
        "/v2/{a}",
        "/v2/[a]"
      })
  void pathTricksAreRefused(String path) {
    assertRefused(OciError.NAME_INVALID, () -> get(path));
  }

  @Test
  void pathHasAtMost1024Characters() {
    assertRefused(OciError.NAME_INVALID, () -> get("/v2/" + "a".repeat(1021)));
    assertRefused(OciError.ENDPOINT_UNKNOWN, () -> get("/v2/" + "a".repeat(1020)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"n=", "n=-1", "n=1.5", "n=x", "n=%31%", "n=1&last=%zz", "n=٣", "n=+1"})
  void badPageIsRefused(String query) {
    assertRefused(OciError.PAGE_INVALID, () -> get("/v2/a/tags/list", query));
  }

  @ParameterizedTest
  @CsvSource({
    "ns=a%00, NAME_INVALID",
    "ns=a%0d%0ab, NAME_INVALID",
    "ns=a%zz, NAME_INVALID",
    "artifactType=a%1fb, NAME_INVALID",
    "last=a%0a, PAGINATION_NUMBER_INVALID",
    "n=1%00, PAGINATION_NUMBER_INVALID",
    "other=a%c2%85, PAGINATION_NUMBER_INVALID",
    "a%7fb=x, PAGINATION_NUMBER_INVALID",
    "x=1&x=%07, PAGINATION_NUMBER_INVALID",
    "last=a%ff, PAGINATION_NUMBER_INVALID",
    "artifactType=a%c3, NAME_INVALID"
  })
  void controlCharactersAndWhatIsNotUtf8AreRefusedInAQueryWhateverThePath(
      String query, String code) {
    for (String path : List.of("/v2/", "/v2/a/tags/list", "/v2/a/blobs/" + DIGEST)) {
      assertThatThrownBy(() -> get(path, query))
          .isInstanceOfSatisfying(
              OciException.class,
              e -> {
                assertThat(e.error().code()).isEqualTo(code);
                assertThat(e.error().status()).isEqualTo(400);
                assertThat(e.getMessage()).matches("\\P{Cntrl}*");
              });
    }
  }

  /** S27: the length is judged before the value leaves. */
  @ParameterizedTest
  @CsvSource({"ns, 300, NAME_INVALID", "artifactType, 300, NAME_INVALID"})
  void nameInAQueryHasABound(String key, int most, String code) {
    String path = "/v2/a/referrers/" + DIGEST;
    assertThat(get(path, key + "=" + "x".repeat(most))).isNotNull();
    assertThatThrownBy(() -> get(path, key + "=" + "x".repeat(most + 1)))
        .isInstanceOfSatisfying(
            OciException.class,
            e -> {
              assertThat(e.error().code()).isEqualTo(code);
              assertThat(e.error().status()).isEqualTo(400);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "7,7",
    "999999999,999999999",
    "1000000000,999999999",
    "0000000000000012,12",
    "00,0",
    "99999999999999999999999999,999999999"
  })
  void countIsDecimalAndCapped(String n, int count) {
    assertThat(Page.parse(n, null)).isEqualTo(new Page(count, null));
  }

  @Test
  void lastIsKeptAsItIsUpToALimit() {
    assertThat(Page.parse(null, "")).isEqualTo(Page.ALL);
    assertThat(Page.parse(null, "x".repeat(4096)).last()).hasSize(4096);
    assertRefused(OciError.PAGE_INVALID, () -> Page.parse(null, "x".repeat(4097)));
  }

  @Test
  void firstOfRepeatedParametersCounts() {
    assertThat(Query.parse("n=1&n=2&x&&=y").get("n")).isEqualTo("1");
    assertThat(Query.parse("n=1&x").get("x")).isEmpty();
    assertThat(Query.parse("n=1").get("last")).isNull();
    assertThat(Query.parse(null).get("n")).isNull();
    assertThat(Query.parse("").get("n")).isNull();
    assertRefused(OciError.PAGE_INVALID, () -> Query.parse("x".repeat(16_385)));
    assertThat(Query.parse("a=%EF%BF%BD+b").get("a")).isEqualTo("\uFFFD b");
  }

  @Property
  void queryUndoesEncoding(
      @ForAll @NotEmpty @StringLength(max = 20) String anyKey,
      @ForAll @StringLength(max = 20) @CharRange(from = ' ', to = '\u07ff') String anyValue) {
    String key = "k" + anyKey.replaceAll("[\\p{Cs}\\p{Cc}]", "");
    String value = anyValue.replaceAll("\\p{Cc}", "");
    String encoded =
        URLEncoder.encode(key, StandardCharsets.UTF_8)
            + "="
            + URLEncoder.encode(value, StandardCharsets.UTF_8);

    assertThat(Query.parse(encoded).get(key)).isEqualTo(value);
  }

  @Property
  void everyRequestLineIsAnswered(@ForAll String path, @ForAll String query) {
    assertThatCode(
            () -> {
              try {
                RegistryRequest.parse("GET", "/v2/" + path, query);
              } catch (OciException e) {
                assertThat(e.error().status()).isIn(400, 404);
              }
            })
        .doesNotThrowAnyException();
  }

  @Property
  void nearlyRightPathsAreNeverMisread(
      @ForAll
          @StringLength(max = 30)
          @Chars({'/', '.', '%', '2', 'e', 'f', ';', '\\', 'a', ':', '_'})
          String middle) {
    RegistryRequest request;
    try {
      request = RegistryRequest.parse("GET", "/v2/" + middle + "/manifests/latest", null);
    } catch (OciException e) {
      return;
    }
    assertThat(request).isEqualTo(new GetManifest(name(middle), new Tag("latest")));
  }
}
