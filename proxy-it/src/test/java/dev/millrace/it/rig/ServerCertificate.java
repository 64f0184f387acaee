package dev.millrace.it.rig;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificates for the product's own name, issued by an authority of the test.
 *
 * <p>Threading: confined to the test's thread.
 */
public final class ServerCertificate implements AutoCloseable {
  /** Of the PKCS#12 file. */
  public static final String PASSWORD = "test password";

  private final X509Bundle authority;
  private final Folder folder = Folder.create();

  private ServerCertificate(X509Bundle authority) {
    this.authority = authority;
  }

  /** An authority, and a first certificate of {@code 127.0.0.1}. */
  public static ServerCertificate create() {
    try {
      ServerCertificate created =
          new ServerCertificate(
              new CertificateBuilder()
                  .ecp256()
                  .subject("CN=test authority")
                  .setIsCertificateAuthority(true)
                  .buildSelfSigned());
      created.folder.write("ca.pem", created.authority.getCertificatePEM());
      created.issue("CN=first");
      return created;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Replaces the files by those of another certificate. */
  public void issue(String subject) {
    try {
      X509Bundle leaf =
          new CertificateBuilder()
              .ecp256()
              .subject(subject)
              .addSanIpAddress("127.0.0.1")
              .buildIssuedBy(authority);
      folder.write("key.pem", leaf.getPrivateKeyPEM());
      folder.write("chain.pem", leaf.getCertificatePathPEM());
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "server",
          leaf.getKeyPair().getPrivate(),
          PASSWORD.toCharArray(),
          leaf.getCertificatePath());
      try (var out = Files.newOutputStream(file("store.p12"))) {
        store.store(out, PASSWORD.toCharArray());
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes rubbish into the chain. */
  public void spoil() {
    folder.write("chain.pem", "no certificate\n");
  }

  /** A file by its name: {@code ca.pem}, {@code chain.pem}, {@code key.pem}, {@code store.p12}. */
  public Path file(String name) {
    return folder.root().resolve(name);
  }

  /** What a client trusts that knows the authority. */
  public SSLContext trust() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      X509Certificate root = authority.getCertificate();
      store.setCertificateEntry("root", root);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    folder.delete();
  }
}
