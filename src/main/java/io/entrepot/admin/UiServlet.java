package io.entrepot.admin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.EntityTag;
import io.entrepot.oci.Quoted;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The servlet for the web pages, {@code /ui}. It sends the files in {@code WEB-INF/ui} and the
 * chart library. The pages read everything else from {@code /api}.
 */
public final class UiServlet extends ReadOnlyServlet {
  private static final long serialVersionUID = 1L;
  private static final String FOLDER = "/WEB-INF/ui/";

  /** Where the WebJar has the chart library. The version is also in pom.xml. */
  private static final String CHARTS = "META-INF/resources/webjars/uplot/1.6.30/dist/";

  private static final Map<String, String> LIBRARY =
      Map.of("lib/uplot.js", "uPlot.iife.min.js", "lib/uplot.css", "uPlot.min.css");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** The pages load nothing from elsewhere, have no inline script, and stand in no frame. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** The files by their path below {@code /ui/}: some tens of KiB, as they are in the WAR. */
  private transient Map<String, Page> pages = Map.of();

  /** A file. Immutable. */
  private static final class Page {
    private final byte[] content;
    private final String type;

    /** Names the content, so that a browser need not fetch it again. */
    private final EntityTag tag;

    Page(String name, byte[] content) {
      String ending = name.substring(name.lastIndexOf('.') + 1);
      this.content = content;
      this.type = TYPES.getOrDefault(ending, "application/octet-stream");
      this.tag = EntityTag.of(Digest.ofBytes(Digest.Algorithm.SHA256, content));
    }
  }

  @Override
  public void init() throws ServletException {
    Map<String, Page> read = new HashMap<>();
    try {
      readFolder(FOLDER, read);
      for (Map.Entry<String, String> file : LIBRARY.entrySet()) {
        String resource = CHARTS + file.getValue();
        InputStream in = UiServlet.class.getClassLoader().getResourceAsStream(resource);
        read.put(file.getKey(), new Page(file.getKey(), readAll(in, resource)));
      }
    } catch (IOException e) {
      throw new ServletException("the web pages cannot be read from the WAR", e);
    }
    pages = Map.copyOf(read);
  }

  private void readFolder(String folder, Map<String, Page> read) throws IOException {
    ServletContext context = getServletContext();
    Set<String> paths = context.getResourcePaths(folder);
    for (String path : paths == null ? Set.<String>of() : paths) {
      if (path.endsWith("/")) {
        readFolder(path, read);
      } else {
        String name = path.substring(FOLDER.length());
        read.put(name, new Page(name, readAll(context.getResourceAsStream(path), path)));
      }
    }
  }

  private static byte[] readAll(@Nullable InputStream in, String path) throws IOException {
    if (in == null) {
      throw new IOException("the WAR has no " + path);
    }
    try (in) {
      return in.readAllBytes();
    }
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String path = request.getPathInfo();
    if (path == null) {
      response.setStatus(HttpServletResponse.SC_FOUND);
      response.setHeader("Location", "ui/"); // relative, so that it works behind any prefix
      return;
    }
    Page page = pages.get(path.equals("/") ? "index.html" : path.substring(1));
    if (page == null) {
      refuse(request, response, 404, Quoted.of(path) + " is not one of these pages");
    } else {
      send(request, response, page);
    }
  }

  private static void send(HttpServletRequest request, HttpServletResponse response, Page page)
      throws IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cache-Control", "private, no-cache");
    response.setHeader("ETag", page.tag.value());
    List<String> held = Collections.list(request.getHeaders("If-None-Match"));
    if (page.tag.isIn(held)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    send(request, response, page.type, page.content);
  }
}
