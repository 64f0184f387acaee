package dev.millrace.server;

import static dev.millrace.config.Limits.TLS_HANDSHAKE;

import dev.millrace.config.TlsSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that clients are shown: TLS 1.2 and 1.3, by BoringSSL where it loads, which
 * encrypts direct buffers where they are, else by the JDK.
 *
 * <p>Offers HTTP/2 and HTTP/1.1 (ALPN, RFC 7301), in this order.
 *
 * <p>The files are read again when they have changed. Connections that stand keep what they were
 * shown; files that cannot be used change nothing, and are said in the log.
 *
 * <p>Limits: a handshake takes {@code Limits.TLS_HANDSHAKE} at most.
 *
 * <p>Threading: thread-safe; {@link #open} and {@link #reload} read files.
 *
 * <p>Ownership: holds the context until {@link #close}; sessions hold references of their own.
 */
public final class ServerTls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  private static final ApplicationProtocolConfig PROTOCOLS =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  private final TlsSettings settings;
  private List<FileTime> readAt;
  private @Nullable SslContext context;

  private ServerTls(TlsSettings settings, List<FileTime> readAt, SslContext context) {
    this.settings = settings;
    this.readAt = readAt;
    this.context = context;
  }

  /** Reads the certificate. Errors: {@link IOException} that names the setting. */
  public static ServerTls open(TlsSettings settings) throws IOException {
    return new ServerTls(settings, times(settings), read(settings));
  }

  /** The settings it was made of. */
  TlsSettings settings() {
    return settings;
  }

  /** The handler of one connection. Errors: unchecked once it is closed. */
  synchronized SslHandler handler(ByteBufAllocator allocator) {
    SslContext current = context;
    if (current == null) {
      throw new IllegalStateException("closed");
    }
    SslHandler handler = current.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(TLS_HANDSHAKE.toMillis());
    return handler;
  }

  /** Reads the files again if they have changed. */
  public void reload() {
    try {
      List<FileTime> now = times(settings);
      if (now.equals(readAt())) {
        return;
      }
      replace(now, read(settings));
      LOG.info("the certificate was read again: {}", settings.certificate());
    } catch (IOException e) {
      LOG.warn("the certificate stays as it is: {}", e.getMessage());
    }
  }

  private synchronized List<FileTime> readAt() {
    return readAt;
  }

  private synchronized void replace(List<FileTime> times, SslContext next) {
    readAt = times;
    if (context == null) {
      ReferenceCountUtil.release(next);
      return;
    }
    ReferenceCountUtil.release(context);
    context = next;
  }

  @Override
  public synchronized void close() {
    ReferenceCountUtil.release(context);
    context = null;
  }

  private static List<FileTime> times(TlsSettings settings) throws IOException {
    List<FileTime> times = new ArrayList<>();
    times.add(Files.getLastModifiedTime(settings.certificate()));
    Path key = settings.key();
    if (key != null) {
      times.add(Files.getLastModifiedTime(key));
    }
    return times;
  }

  private static SslContext read(TlsSettings settings) throws IOException {
    try {
      return builder(settings)
          .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .applicationProtocolConfig(PROTOCOLS)
          .build();
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IOException(
          "tls.certificate: " + settings.certificate() + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static SslContextBuilder builder(TlsSettings settings)
      throws IOException, GeneralSecurityException {
    Path key = settings.key();
    String password = settings.password();
    try (InputStream certificate = Files.newInputStream(settings.certificate())) {
      if (key == null) {
        return SslContextBuilder.forServer(pkcs12(certificate, password.toCharArray()));
      }
      try (InputStream keyText = Files.newInputStream(key)) {
        return SslContextBuilder.forServer(
            certificate, keyText, password.isEmpty() ? null : password);
      }
    }
  }

  private static KeyManagerFactory pkcs12(InputStream file, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(file, password);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    return keys;
  }
}
