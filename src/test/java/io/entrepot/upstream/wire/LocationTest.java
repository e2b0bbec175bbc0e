package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URISyntaxException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the URLs in answers are resolved (RFC 3986, 5.2 and 5.4). */
class LocationTest {
  @ParameterizedTest
  @CsvSource({
    "https://o.example/x//y/../z?a=b, https://o.example/x//y/../z?a=b",
    "//o.example/p//q, http://o.example/p//q",
    "//o.example:8443/p?s=%2F#f, http://o.example:8443/p?s=%2F",
    "/p//q, http://a.example/p//q",
    "/p/../q, http://a.example/q",
    "/artifacts-downloads/a%2Fb?x=%3D, http://a.example/artifacts-downloads/a%2Fb?x=%3D",
    "z, http://a.example/v2//b/z",
    "./z//k, http://a.example/v2//b/z//k",
    "../z, http://a.example/v2//z",
    "../../../../z, http://a.example/z",
    "., http://a.example/v2//b/",
    ".., http://a.example/v2//",
    "?k=1, http://a.example/v2//b/c?k=1",
    "#f, http://a.example/v2//b/c?q=1",
    "z?k=a/../b, http://a.example/v2//b/z?k=a/../b"
  })
  void referenceIsResolvedAndItsSlashesAreKept(URI reference, URI expected) {
    assertThat(Location.resolve(URI.create("http://a.example/v2//b/c?q=1"), reference))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "http://a.example/x%2f%2F?y=%3D#z; http://a.example/x%2f%2F?y=%3D#z",
        "/a b/{c}|d; /a%20b/%7Bc%7D%7Cd",
        "/a\\b^`<>; /a%5Cb%5E%60%3C%3E",
        "/x?name=\"a b\"&share=100%&half=%4; /x?name=%22a%20b%22&share=100%25&half=%254",
        "' /x\t'; /x",
        "/\u00e9; /\u00e9"
      })
  void whatAUrlMayNotContainIsEscaped(String text, URI expected) throws Exception {
    assertThat(Location.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"::", "http:", "http://a.example:x y/ z#a#b"})
  void whatIsNoReferenceIsRefused(String text) {
    assertThatThrownBy(() -> Location.parse(text)).isInstanceOf(URISyntaxException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "z, http://a.example:5000/z",
    "?k, http://a.example:5000?k",
    "/, http://a.example:5000/"
  })
  void baseCanHaveNoPath(URI reference, URI expected) {
    assertThat(Location.resolve(URI.create("http://a.example:5000"), reference))
        .isEqualTo(expected);
  }
}
