package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void fileThatOnlyWeCanWriteIsLinked() throws IOException {
    Files.write(source, BLOB);
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(Files.isSameFile(taken(), source)).isTrue();
  }

  /** What others can write, they could change while it is served (S38). */
  @ParameterizedTest
  @ValueSource(strings = {"rw-rw-r--", "rw-r--rw-", "-w--w--w-"})
  void fileThatOthersCanWriteIsCopied(String mode) throws IOException {
    Files.write(source, BLOB);
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString(mode));
    assumeReadable();

    assertCopied();
  }

  @Test
  void fileWithAnotherNameIsCopied() throws IOException {
    Files.write(source, BLOB);
    Files.createLink(folder.resolve("other"), source);

    assertCopied();
  }

  @Test
  void fileOfAnotherUserIsCopied() throws IOException {
    Files.write(source, BLOB);
    try {
      Files.setAttribute(source, "unix:uid", 12345);
    } catch (IOException e) {
      abort("only root can give a file away");
    }

    assertCopied();
  }

  @Test
  void symbolicLinkIsRefused() throws IOException {
    Files.createSymbolicLink(source, Files.write(folder.resolve("other"), BLOB));

    assertThatThrownBy(() -> files.spool().takeIn(DIGEST, source))
        .isInstanceOf(CorruptBlobException.class)
        .hasMessage("there is no file of its bytes");
  }

  private void assumeReadable() {
    assumeTrue(Files.isReadable(source), "root reads every file");
  }

  private void assertCopied() throws IOException {
    Path stored = taken();

    Files.writeString(source, "bads!");

    assertThat(stored).hasBinaryContent(BLOB);
    assertThat(files.store().find(DIGEST).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  private Path taken() throws IOException {
    SpoolFile file = files.spool().takeIn(DIGEST, source);
    files.store().commit(file);
    file.release();
    return folder.resolve("root/blobs/sha256/" + DIGEST.hex().substring(0, 2) + "/" + DIGEST.hex());
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
