package io.entrepot.upstream.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordFileTest {
  @TempDir Path folder;

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("password"), content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hunter2", "hunter2\n", "hunter2\r\n", "hunter2\n\n"})
  void endOfTheLineIsNoPartOfThePassword(String content) throws Exception {
    assertThat(PasswordFile.open("ann", write(content)).current())
        .isEqualTo(new Credentials.Password("ann", "hunter2"));
  }

  @Test
  void spacesArePartOfIt() throws Exception {
    assertThat(PasswordFile.open("ann", write(" hünter 2 \n")).current())
        .isEqualTo(new Credentials.Password("ann", " hünter 2 "));
  }

  @Test
  void tokenUserMakesItAnIdentityToken() throws Exception {
    assertThat(PasswordFile.open("<token>", write("t\n")).current())
        .isEqualTo(new Credentials.IdentityToken("t"));
  }

  @Test
  void changedFileIsAnotherPassword() throws Exception {
    PasswordFile file = PasswordFile.open("ann", write("old\n"));
    assertThat(file.isAnonymous()).isFalse();

    write("newer\n");

    assertThat(file.current()).isEqualTo(new Credentials.Password("ann", "newer"));
    assertThat(file.renew(file.current())).isEqualTo(new Credentials.Password("ann", "newer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "canary\nsecond", "canary\tx"})
  void whatIsNoPasswordIsRefusedAndNotShown(String content) throws Exception {
    Path path = write(content);
    assertThatThrownBy(() -> PasswordFile.open("ann", path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(path.toString())
        .hasMessageNotContaining("canary");
  }

  @Test
  void sizeIsBounded() throws Exception {
    assertThat(PasswordFile.open("ann", write("x".repeat(64 << 10))).current()).isNotNull();
    Path path = write("x".repeat((64 << 10) + 1));
    assertThatThrownBy(() -> PasswordFile.open("ann", path))
        .hasMessageContaining("larger than 65536 bytes");
  }

  @Test
  void otherEncodingsAreRefused() throws Exception {
    Path path = Files.write(folder.resolve("password"), new byte[] {(byte) 0xfc, 'x'});
    assertThatThrownBy(() -> PasswordFile.open("ann", path)).hasMessageContaining("not UTF-8");
  }
}
