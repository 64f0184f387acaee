package dev.millrace.origin;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes the TLS settings of one remote: TLS 1.2 and 1.3, the system's trusted certificates and
 * those of its {@code ca_file}, host names checked. BoringSSL where it loads, else the JDK.
 *
 * <p>Threading: reads files, so never on an event loop.
 *
 * <p>Ownership: the caller releases the context.
 */
final class TlsContexts {
  private TlsContexts() {}

  /** Errors: an unreadable or empty {@code ca_file}. */
  static SslContext open(@Nullable Path caFile) throws IOException, GeneralSecurityException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            // The counted flavour frees its native memory when we say so, not when the collector
            // finds it.
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm("HTTPS");
    return builder.trustManager(trust(caFile)).build();
  }

  private static TrustManagerFactory trust(@Nullable Path caFile)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory system = factory(null);
    if (caFile == null) {
      return system;
    }
    KeyStore both = KeyStore.getInstance(KeyStore.getDefaultType());
    both.load(null, null);
    int count = 0;
    for (TrustManager manager : system.getTrustManagers()) {
      if (manager instanceof X509TrustManager trusting) {
        for (X509Certificate certificate : trusting.getAcceptedIssuers()) {
          both.setCertificateEntry("system-" + count++, certificate);
        }
      }
    }
    Collection<? extends Certificate> extras;
    try (InputStream in = Files.newInputStream(caFile)) {
      extras = CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
    if (extras.isEmpty()) {
      throw new GeneralSecurityException("no certificate in the ca_file");
    }
    for (Certificate certificate : extras) {
      both.setCertificateEntry("file-" + count++, certificate);
    }
    return factory(both);
  }

  private static TrustManagerFactory factory(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }
}
