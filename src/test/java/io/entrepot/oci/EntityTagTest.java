package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If-None-Match of RFC 9110, 13.1.2. */
class EntityTagTest {
  private static final String HEX = "ab".repeat(32);
  private static final EntityTag TAG = EntityTag.of(Digest.of("sha256:" + HEX));
  private static final String OTHER = "\"sha256:" + "cd".repeat(32) + "\"";

  @Test
  void tagIsTheDigestInQuotes() {
    assertThat(TAG).hasToString("\"sha256:" + HEX + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "T",
        " T ",
        "W/T",
        "OTHER, T",
        "OTHER,T",
        ",,T,",
        "\t,\tW/T",
        "\"a,b\", T",
        "\",\",T",
        "x, T",
        "T, \"open",
        "\"\",T",
        "*",
        " * "
      })
  void knownTagIsFoundInAList(String field) {
    assertThat(TAG.isIn(List.of(filled(field)))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "OTHER",
        "sha256:HEX",
        "\"a,sha256:HEX\"",
        "\"a, T",
        "w/T",
        "W/ x T",
        "W T",
        "xT",
        "**",
        ",",
        "\"",
        "OTHER, *"
      })
  void otherTextIsNotThisTag(String field) {
    assertThat(TAG.isIn(List.of(filled(field)))).isFalse();
  }

  @Test
  void severalFieldsAreOneList() {
    assertThat(TAG.isIn(List.of(OTHER, "W/" + TAG))).isTrue();
    assertThat(TAG.isIn(List.of(OTHER, OTHER))).isFalse();
    assertThat(TAG.isIn(List.of())).isFalse();
  }

  private static String filled(String field) {
    return field.replace("OTHER", OTHER).replace("HEX", HEX).replace("T", TAG.value());
  }
}
