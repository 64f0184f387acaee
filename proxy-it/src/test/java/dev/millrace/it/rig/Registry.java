package dev.millrace.it.rig;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A real container registry (Distribution) as a child process on loopback, filled by its own
 * protocol.
 *
 * <p>Threading: filled by one thread.
 */
public final class Registry implements AutoCloseable {
  private static final String PROGRAM = "docker-registry";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Folder folder;
  private final Process process;
  private final int port;
  private UnaryOperator<String> tokens = repository -> "";

  /**
   * What was pushed.
   *
   * @param type media type
   * @param digest {@code sha256:<hex>}
   * @param sizeBytes length
   */
  public record Pushed(String type, String digest, long sizeBytes) {
    private String json(String more) {
      return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
          .formatted(type, digest, sizeBytes, more);
    }
  }

  private Registry(Folder folder, Process process, int port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
  }

  /** Starts an empty one; {@code auth} are lines of its configuration, for none the empty text. */
  public static Registry start(String auth) {
    Folder folder = Folder.create();
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Path config =
          folder.write(
              "config.yml",
              """
              version: 0.1
              log:
                level: error
                accesslog:
                  disabled: true
              storage:
                filesystem:
                  rootdirectory: %s/data
              http:
                addr: 127.0.0.1:%d
              %s
              """
                  .formatted(folder.root(), port, auth));
      Process process =
          new ProcessBuilder(PROGRAM, "serve", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.root().resolve("log").toFile())
              .start();
      Registry started = new Registry(folder, process, port);
      Await.until("the registry listens", Await.LIMIT, started::listens, started::log);
      return started;
    } catch (IOException e) {
      throw new IllegalStateException(PROGRAM + " cannot be started", e);
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String log() {
    try {
      return Files.readString(folder.root().resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Pushes with tokens of that server from now on. */
  public Registry pushingWith(TokenServer server) {
    tokens = repository -> server.token(repository, "pull,push");
    return this;
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** Its address without a path. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /**
   * Pushes an image with such layers for a platform; under its digest, and under the tag if any.
   */
  public Pushed pushImage(
      String repository, @Nullable String tag, String architecture, List<byte[]> layers) {
    String config =
        "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(
                architecture,
                layers.stream()
                    .map(layer -> "\"" + digest(layer) + "\"")
                    .collect(Collectors.joining(",")));
    Pushed configured = pushBlob(repository, CONFIG, config.getBytes(StandardCharsets.UTF_8));
    String pushed =
        layers.stream()
            .map(layer -> pushBlob(repository, LAYER, layer).json(""))
            .collect(Collectors.joining(","));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(MANIFEST, configured.json(""), pushed);
    return pushManifest(repository, tag, MANIFEST, manifest);
  }

  /** Pushes an index of images for these platforms under a tag. */
  public Pushed pushIndex(
      String repository, String tag, List<String> architectures, List<Pushed> images) {
    StringBuilder listed = new StringBuilder();
    for (int i = 0; i < images.size(); i++) {
      String platform =
          ",\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}"
              .formatted(architectures.get(i));
      listed.append(i == 0 ? "" : ",").append(images.get(i).json(platform));
    }
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}".formatted(INDEX, listed);
    return pushManifest(repository, tag, INDEX, index);
  }

  private Pushed pushManifest(String repository, @Nullable String tag, String type, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    Pushed pushed = new Pushed(type, digest(body), body.length);
    String reference = tag == null ? pushed.digest() : tag;
    URI where = URI.create(url() + "/v2/" + repository + "/manifests/" + reference);
    send(
        request(repository, where)
            .header("Content-Type", type)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(body)));
    return pushed;
  }

  private Pushed pushBlob(String repository, String type, byte[] body) {
    URI start = URI.create(url() + "/v2/" + repository + "/blobs/uploads/");
    String location =
        send(request(repository, start).POST(HttpRequest.BodyPublishers.noBody()))
            .headers()
            .firstValue("Location")
            .orElseThrow();
    Pushed pushed = new Pushed(type, digest(body), body.length);
    String joint = location.indexOf('?') < 0 ? "?" : "&";
    URI end = start.resolve(location + joint + "digest=" + pushed.digest());
    send(
        request(repository, end)
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(body)));
    return pushed;
  }

  private HttpRequest.Builder request(String repository, URI where) {
    HttpRequest.Builder request = HttpRequest.newBuilder(where);
    String token = tokens.apply(repository);
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IllegalStateException(answer + " " + answer.body());
      }
      return answer;
    } catch (IOException e) {
      throw new IllegalStateException(log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String digest(byte[] body) {
    MessageDigest sha256 = Body.sha256Digest();
    return "sha256:" + HexFormat.of().formatHex(sha256.digest(body));
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    folder.delete();
  }
}
