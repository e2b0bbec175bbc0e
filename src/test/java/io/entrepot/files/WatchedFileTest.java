package io.entrepot.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {
  @TempDir Path folder;
  private int parsed;

  private WatchedFile<String> open(Path path) throws IOException {
    return new WatchedFile<>(
        path,
        100,
        content -> {
          parsed++;
          if (content.length == 0) {
            throw new IOException("it is empty");
          }
          return new String(content, UTF_8);
        });
  }

  @Test
  void fileThatStaysIsReadOnce() throws Exception {
    WatchedFile<String> file = open(Files.writeString(folder.resolve("f"), "one"));

    assertThat(file.get()).isEqualTo("one");
    assertThat(file.get()).isEqualTo("one");
    assertThat(parsed).isEqualTo(1);
  }

  @Test
  void fileOfAnotherSizeIsReadAgain() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    FileTime before = Files.getLastModifiedTime(path);
    WatchedFile<String> file = open(path);

    Files.writeString(path, "three");
    Files.setLastModifiedTime(path, before);

    assertThat(file.get()).isEqualTo("three");
    assertThat(parsed).isEqualTo(2);
  }

  @Test
  void fileOfAnotherTimeIsReadAgain() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    WatchedFile<String> file = open(path);

    Files.writeString(path, "two");
    Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000));

    assertThat(file.get()).isEqualTo("two");
  }

  /** Kubernetes lets a link point elsewhere; editors rename. Size and time may be the same. */
  @Test
  void fileInThePlaceOfAnotherIsReadAgain() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    WatchedFile<String> file = open(path);
    Path other = Files.writeString(folder.resolve("g"), "two");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(path));

    Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);

    assertThat(file.get()).isEqualTo("two");
  }

  @Test
  void changeThatDoesNotShowIsSeenWhenItIsReadInAnyCase() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    FileTime before = Files.getLastModifiedTime(path);
    WatchedFile<String> file = open(path);
    Files.writeString(path, "two");
    Files.setLastModifiedTime(path, before);

    assertThat(file.get()).isEqualTo("one");
    assertThat(file.reread()).isEqualTo("two");
    assertThat(file.get()).isEqualTo("two");
  }

  @Test
  void fileThatIsGoneOrUnusableLeavesWhatItSaid() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    WatchedFile<String> file = open(path);

    Files.delete(path);
    assertThat(file.get()).isEqualTo("one");
    assertThat(file.reread()).isEqualTo("one");
    Files.writeString(path, "");
    assertThat(file.get()).isEqualTo("one");
    Files.writeString(path, "x".repeat(101));
    assertThat(file.get()).isEqualTo("one");

    Files.writeString(path, "again");
    assertThat(file.get()).isEqualTo("again");
  }

  @Test
  void firstReadingThatFailsNamesTheFile() throws Exception {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> open(absent))
        .isInstanceOf(IOException.class)
        .hasMessage("the file " + absent + " cannot be read: there is no such file");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThatThrownBy(() -> open(empty))
        .hasMessage("the file " + empty + " cannot be read: it is empty");
    Path large = Files.writeString(folder.resolve("large"), "x".repeat(101));
    assertThatThrownBy(() -> open(large))
        .hasMessage("the file " + large + " cannot be read: it is larger than 100 bytes");
    assertThatThrownBy(() -> open(folder)).hasMessageContaining("the file " + folder);
  }

  /** Half of a file may look like a whole one with fewer users. */
  @Test
  void whatIsWrittenWhileItIsReadDoesNotCountYet() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    WatchedFile<String> file =
        new WatchedFile<>(
            path,
            100,
            content -> {
              String text = new String(content, UTF_8);
              if (text.equals("tw")) {
                Files.writeString(path, "twenty"); // the rest comes now
              }
              return text;
            });

    Files.writeString(path, "tw");
    assertThat(file.get()).as("half of it").isEqualTo("one");
    assertThat(file.get()).isEqualTo("twenty");
  }
}
