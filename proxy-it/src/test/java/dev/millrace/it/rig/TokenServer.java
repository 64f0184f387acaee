package dev.millrace.it.rig;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives everybody the token that he asks for, signed so that a real registry takes it (Docker
 * Registry token specification; RFC 7519).
 *
 * <p>Threading: its methods may be called from any thread.
 */
public final class TokenServer implements AutoCloseable {
  private static final String ISSUER = "test issuer";
  private static final String SERVICE = "test registry";
  private static final long FAR_FUTURE = 4_000_000_000L;
  private static final Pattern SCOPE = Pattern.compile("scope=repository:([^:&]+):([^&]+)");

  private final Origin origin = Origin.start();
  private final Folder folder = Folder.create();
  private final X509Bundle signer;

  private TokenServer(X509Bundle signer) {
    this.signer = signer;
  }

  /** Starts one. */
  public static TokenServer start() {
    try {
      TokenServer started =
          new TokenServer(
              new CertificateBuilder()
                  .ecp256()
                  .subject("CN=token signer")
                  .setIsCertificateAuthority(true)
                  .buildSelfSigned());
      started.origin.atRoot("/token", started::answer);
      return started;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lines of a registry's configuration that make it want these tokens. */
  public String auth() {
    Path roots = folder.write("roots.pem", signer.getCertificatePEM());
    return """
    auth:
      token:
        realm: %s/token
        service: %s
        issuer: %s
        rootcertbundle: %s
    """
        .formatted(origin.url(), SERVICE, ISSUER, roots);
  }

  /** What it was asked. */
  public Origin origin() {
    return origin;
  }

  private void answer(Exchange exchange) throws IOException {
    String query = URLDecoder.decode(exchange.request().target(), StandardCharsets.UTF_8);
    Matcher scope = SCOPE.matcher(query);
    String token = scope.find() ? token(scope.group(1), scope.group(2)) : token("none", "none");
    Content.of("{\"token\":\"" + token + "\",\"expires_in\":300}").answer(exchange);
  }

  /** A token for a repository; the actions are a list with commas. */
  public String token(String repository, String actions) {
    try {
      String head =
          "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"%s\"]}"
              .formatted(Base64.getEncoder().encodeToString(signer.getCertificate().getEncoded()));
      String claims =
          """
          {"iss":"%s","sub":"","aud":"%s","exp":%d,"nbf":1,"iat":1,"jti":"1",
           "access":[{"type":"repository","name":"%s","actions":["%s"]}]}
          """
              .formatted(ISSUER, SERVICE, FAR_FUTURE, repository, actions.replace(",", "\",\""));
      String signed =
          base64(head.getBytes(StandardCharsets.UTF_8))
              + "."
              + base64(claims.getBytes(StandardCharsets.UTF_8));
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(signer.getKeyPair().getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    origin.close();
    folder.delete();
  }
}
