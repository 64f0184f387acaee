package dev.millrace.observe;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version that the build wrote beside this class. */
public final class BuildVersion {
  private BuildVersion() {}

  /** The version; {@code unknown} when this did not come from a build. */
  public static String read() {
    try (InputStream in = BuildVersion.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        return "unknown";
      }
      Properties properties = new Properties();
      properties.load(in);
      String version = properties.getProperty("version", "unknown");
      return version.startsWith("${") ? "unknown" : version;
    } catch (IOException e) {
      return "unknown"; // A version that cannot be read stops nothing.
    }
  }
}
