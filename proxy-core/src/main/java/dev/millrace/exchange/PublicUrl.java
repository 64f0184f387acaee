package dev.millrace.exchange;

import com.google.re2j.Pattern;
import dev.millrace.config.Settings;
import dev.millrace.serve.ClientRequest;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls this proxy: the configured URL, else what a trusted proxy in front says
 * ({@code Forwarded}, RFC 7239, before {@code X-Forwarded-*}), else what the client asked.
 *
 * <p>Of several elements the last counts, which the trusted proxy itself has added: those before it
 * are the client's word.
 *
 * <p>Threading: immutable.
 */
public final class PublicUrl {
  private static final Pattern HOST =
      Pattern.compile("(?:[A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}\\])(?::[0-9]{1,5})?");

  private final Settings.Outward outward;

  /** As the settings say. */
  public PublicUrl(Settings.Outward outward) {
    this.outward = outward;
  }

  /**
   * Scheme, authority and perhaps a path, without a slash at the end; empty when nothing is known.
   */
  String of(ClientRequest request) {
    if (outward.publicUrl() != null) {
      return outward.publicUrl().toString();
    }
    String scheme = request.tls() ? "https" : "http";
    String host = request.headers().get("Host");
    if (outward.trustedProxies().contains(request.clientAddress())) {
      String forwarded = last(request, "Forwarded");
      String proto =
          forwarded == null ? last(request, "X-Forwarded-Proto") : parameter(forwarded, "proto");
      if (proto != null && (proto.equalsIgnoreCase("https") || proto.equalsIgnoreCase("http"))) {
        scheme = proto.toLowerCase(Locale.ROOT);
      }
      String asked =
          forwarded == null ? last(request, "X-Forwarded-Host") : parameter(forwarded, "host");
      host = asked != null && HOST.matches(asked) ? asked : host;
    }
    return host == null || !HOST.matches(host) ? "" : scheme + "://" + host;
  }

  private static @Nullable String last(ClientRequest request, String name) {
    List<String> lines = request.headers().getAll(name);
    if (lines.isEmpty()) {
      return null;
    }
    String line = lines.getLast();
    return line.substring(line.lastIndexOf(',') + 1).strip();
  }

  /** That parameter of an element; its value may be quoted. */
  private static @Nullable String parameter(String element, String name) {
    for (String pair : element.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase(name)) {
        String value = pair.substring(equals + 1).strip();
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
      }
    }
    return null;
  }
}
