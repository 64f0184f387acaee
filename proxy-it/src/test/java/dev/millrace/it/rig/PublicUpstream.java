package dev.millrace.it.rig;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;

/**
 * An upstream with a public name, for what loopback cannot show: HTTPS behind a forward proxy that
 * tunnels {@value #HOST} to a scripted origin and refuses every other host.
 *
 * <p>Threading: one virtual thread for each direction of a tunnel.
 */
public final class PublicUpstream implements AutoCloseable {
  /** The public name. */
  public static final String HOST = "registry.example.com";

  private final ServerSocket proxy;
  private final Origin origin;
  private final Folder folder;
  private final Path caFile;
  private final Path otherCaFile;
  private final LongAdder broken = new LongAdder();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();

  private PublicUpstream(ServerSocket proxy, Origin origin, Folder folder) {
    this.proxy = proxy;
    this.origin = origin;
    this.folder = folder;
    this.caFile = folder.root().resolve("ca.pem");
    this.otherCaFile = folder.root().resolve("other-ca.pem");
  }

  /** Makes a certificate authority and starts the origin and the proxy. */
  public static PublicUpstream start() {
    try {
      X509Bundle authority = authority("CN=test authority");
      X509Bundle leaf =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=" + HOST)
              .addSanDnsName(HOST)
              .buildIssuedBy(authority);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(leaf.toKeyManagerFactory().getKeyManagers(), null, null);
      Folder folder = Folder.create();
      folder.write("ca.pem", authority.getCertificatePEM());
      folder.write("other-ca.pem", authority("CN=other authority").getCertificatePEM());
      ServerSocket proxy = new ServerSocket();
      proxy.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      PublicUpstream started = new PublicUpstream(proxy, Origin.startTls(tls), folder);
      Thread.ofVirtual().start(started::acceptAll);
      return started;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Bundle authority(String subject) throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject(subject)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  /** What answers behind the name. */
  public Origin origin() {
    return origin;
  }

  /** The value for {@code HTTPS_PROXY}. */
  public String proxyUrl() {
    return "http://127.0.0.1:" + proxy.getLocalPort();
  }

  /** The PEM file of the authority. */
  public Path caFile() {
    return caFile;
  }

  /** The PEM file of an authority that has signed nothing here. */
  public Path otherCaFile() {
    return otherCaFile;
  }

  /** Whether the proxy was asked for anything but the public name. */
  public boolean askedForAnotherHost() {
    return asked.stream().anyMatch(line -> !line.startsWith("CONNECT " + HOST + ":443 "));
  }

  /** How many tunnels were asked for. */
  public int tunnels() {
    return asked.size();
  }

  /** Tunnels and accepts that ended in an error. */
  public long brokenTunnels() {
    return broken.sum();
  }

  @Override
  public void close() {
    try {
      proxy.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    origin.close();
    folder.delete();
  }

  private void acceptAll() {
    while (!proxy.isClosed()) {
      try {
        Socket client = proxy.accept();
        Thread.ofVirtual().start(() -> tunnel(client));
      } catch (IOException _) {
        broken.increment(); // closed by close()
      }
    }
  }

  private void tunnel(Socket client) {
    try (client) {
      String head = readHead(client.getInputStream());
      asked.add(head.lines().findFirst().orElse(""));
      if (!head.startsWith("CONNECT " + HOST + ":443 ")) {
        client.getOutputStream().write(latin1("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
        return;
      }
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), origin.port())) {
        client.getOutputStream().write(latin1("HTTP/1.1 200 Connected\r\n\r\n"));
        Thread back = Thread.ofVirtual().start(() -> pump(server, client));
        pump(client, server);
        back.join();
      }
    } catch (IOException | InterruptedException _) {
      broken.increment(); // both ends see that the tunnel is gone
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      reset(from, to);
    }
  }

  private void reset(Socket from, Socket to) {
    try (from;
        to) {
      from.setSoLinger(true, 0);
      to.setSoLinger(true, 0);
    } catch (IOException _) {
      broken.increment();
    }
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no request");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
