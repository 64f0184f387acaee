package dev.millrace.exchange;

import dev.millrace.artifact.RegistryPath;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What clients of container registries expect (OCI distribution specification 1.1, "Error Codes";
 * Docker Registry HTTP API V2): error objects, the version, the content's digest, and links to the
 * next page that lead back here.
 *
 * @param prefix what stands between {@code /v2/} and the repository, with its slash; empty for a
 *     mirror
 * @param mirrored the {@code ns=} parameter of a mirror, else empty
 * @param named what is asked for; null where that is nothing of a registry
 */
record RegistryDialect(String prefix, String mirrored, @Nullable RegistryPath named)
    implements Dialect {
  private static final String ROOT = "/v2/";
  private static final JsonFactory JSON = new JsonFactory();
  private static final int BYTES_EXPECTED = 192;

  /** One link to a page (RFC 8288), at our upstream or relative to its root. */
  private static final Pattern PAGE =
      Pattern.compile("<(?:https?://[^/<>]*+)?+[^<>]{0,1024}?/v2/([^<>]{1,4096})>(.{0,256})");

  private static final Pattern NS = Pattern.compile("(?:^|&)(ns=[^&]*)");

  static boolean isSpokenBy(String target) {
    return target.startsWith(ROOT) || target.equals("/v2") || target.startsWith("/v2?");
  }

  static RegistryDialect of(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    String rest = path.length() <= ROOT.length() ? "" : path.substring(ROOT.length());
    Matcher ns = NS.matcher(query < 0 ? "" : target.substring(query + 1));
    if (ns.find()) {
      return new RegistryDialect("", ns.group(1), RegistryPath.parse(rest));
    }
    int slash = rest.indexOf('/') + 1;
    return new RegistryDialect(
        rest.substring(0, slash), "", RegistryPath.parse(rest.substring(slash)));
  }

  @Override
  public String errorType() {
    return "application/json";
  }

  @Override
  public byte[] errorBody(int status, Refusal refusal, @Nullable String detail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(BYTES_EXPECTED);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("errors");
      json.writeStartObject();
      json.writeStringProperty("code", code(status, refusal));
      json.writeStringProperty("message", refusal.title());
      json.writeObjectPropertyStart("detail");
      json.writeStringProperty("reason", refusal.label());
      if (detail != null) {
        json.writeStringProperty("detail", detail);
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private String code(int status, Refusal refusal) {
    if (refusal == Refusal.UNKNOWN_REMOTE) {
      return "NAME_UNKNOWN";
    }
    return switch (status) {
      case 401 -> "UNAUTHORIZED";
      case 403 -> "DENIED";
      case 404, 410 -> unknown();
      case 405 -> "UNSUPPORTED";
      case 429 -> "TOOMANYREQUESTS";
      case 502, 503, 504 -> "UNAVAILABLE";
      default -> "UNKNOWN";
    };
  }

  private String unknown() {
    RegistryPath asked = named;
    if (asked == null) {
      return "NAME_UNKNOWN";
    }
    return switch (asked.kind()) {
      case MANIFEST, REFERRERS -> "MANIFEST_UNKNOWN";
      case BLOB -> "BLOB_UNKNOWN";
      case TAGS -> "NAME_UNKNOWN";
    };
  }

  @Override
  public ResponseHead mark(ResponseHead head) {
    return head.field("Docker-Distribution-Api-Version", "registry/2.0");
  }

  @Override
  public void describe(ResponseHead head, Representation shown) {
    RegistryPath asked = named;
    if (asked == null) {
      return;
    }
    switch (asked.kind()) {
      case MANIFEST, BLOB -> {
        String digest = asked.isByDigest() ? asked.reference() : null;
        if (digest == null && shown.sha256() != null) {
          digest = shown.sha256().toString();
        }
        head.field("Docker-Content-Digest", digest);
      }
      case TAGS, REFERRERS -> head.field("Link", throughHere(shown.head().link()));
    }
  }

  /** A link to a page at the upstream, led through here; others as they are. */
  private @Nullable String throughHere(@Nullable String link) {
    Matcher page = PAGE.matcher(link == null ? "" : link);
    if (!page.matches()) {
      return link;
    }
    String target = page.group(1);
    String joint = mirrored.isEmpty() ? "" : target.indexOf('?') < 0 ? "?" : "&";
    return "<" + ROOT + prefix + target + joint + mirrored + ">" + page.group(2);
  }
}
