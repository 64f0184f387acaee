package dev.millrace.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards clients.
 *
 * @param listen where they connect
 * @param certificate PEM chain, leaf first; or a PKCS#12 file when there is no key
 * @param key PEM key of the chain, PKCS#8
 * @param password of the key or of the PKCS#12 file; empty for none
 */
public record TlsSettings(
    Settings.Listen listen, Path certificate, @Nullable Path key, String password) {

  /** Never shows the password. */
  @Override
  public String toString() {
    return "TLS on " + listen + " by " + certificate;
  }
}
