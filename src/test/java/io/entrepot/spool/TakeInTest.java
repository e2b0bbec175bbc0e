package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of another folder on its way into the store. */
class TakeInTest {
  private static final byte[] BLOB = "goods".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofBytes(Algorithm.SHA256, BLOB);

  @TempDir Path folder;
  private Path source;
  private TestStore files;

  @BeforeEach
  void open() throws IOException {
    source = folder.resolve("data");
    files = TestStore.open(folder.resolve("root"));
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  @Test
  void fileIsCommittedAndStaysWhereItWas() throws IOException {
    Files.write(source, BLOB);

    SpoolFile file = files.spool().takeIn(DIGEST, source);
    assertThat(file.isSealed()).isTrue();
    assertThat(files.store().commit(file).readSound()).isEqualTo(BLOB);
    file.release();

    assertThat(source).hasBinaryContent(BLOB);
    assertThat(folder.resolve("root/spool")).isEmptyDirectory();
  }

  @Test
  void wrongBytesAreRefusedAndLeaveNothing() throws IOException {
    Files.writeString(source, "bads!");

    assertThatThrownBy(() -> files.spool().takeIn(DIGEST, source))
        .isInstanceOf(CorruptBlobException.class)
        .hasMessageStartingWith("its bytes hash to ");

    assertThat(source).hasContent("bads!");
    assertThat(folder.resolve("root/spool")).isEmptyDirectory();
  }

  @Test
  void absentFileIsRefused() {
    assertThatThrownBy(() -> files.spool().takeIn(DIGEST, source))
        .isInstanceOf(CorruptBlobException.class)
        .hasMessage("there is no file of its bytes");
  }
}
