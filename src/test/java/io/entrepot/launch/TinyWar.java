package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Builds a WAR of this launcher and {@link TinyApplication}, with the same layout as the real one.
 */
final class TinyWar {
  private static final String WEB_XML =
      """
      <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
        <absolute-ordering/>
        <listener><listener-class>APPLICATION</listener-class></listener>
        <servlet>
          <servlet-name>tiny</servlet-name>
          <servlet-class>APPLICATION</servlet-class>
          <async-supported>true</async-supported>
        </servlet>
        <servlet-mapping><servlet-name>tiny</servlet-name><url-pattern>/v2/*</url-pattern></servlet-mapping>
      </web-app>
      """
          .replace("APPLICATION", TinyApplication.class.getName());

  private final JarOutputStream jar;

  private TinyWar(JarOutputStream jar) {
    this.jar = jar;
  }

  static Path build(Path folder) throws IOException {
    Path war = folder.resolve("entrepot.war");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "1.2.3");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(war), manifest)) {
      TinyWar tiny = new TinyWar(jar);
      tiny.addClasses("target/classes", "io/entrepot/launch", "");
      // The settings, and the packages whose values they are read into.
      for (String room : List.of("access", "config", "oci", "catalog", "routing", "upstream")) {
        tiny.addClasses("target/classes", "io/entrepot/" + room, "WEB-INF/classes/");
      }
      for (String name : List.of("TinyApplication", "TinyApplication$Late")) {
        tiny.addClasses(
            "target/test-classes", "io/entrepot/launch/" + name + ".class", "WEB-INF/classes/");
      }
      tiny.add("WEB-INF/web.xml", WEB_XML.getBytes(UTF_8));
      tiny.add("page.html", "for nobody".getBytes(UTF_8));
    }
    return war;
  }

  private void addClasses(String root, String below, String prefix) throws IOException {
    Path base = Path.of(root);
    try (Stream<Path> files = Files.walk(base.resolve(below))) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> add(prefix + base.relativize(file), bytes(file)));
    }
  }

  private void add(String name, byte[] content) {
    try {
      jar.putNextEntry(new ZipEntry(name));
      jar.write(content);
      jar.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
