package dev.millrace.it.rig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Where the package clients of this machine are set up to fetch from. Nothing is assumed: what is
 * not configured is empty.
 */
public final class ClientSetup {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Pattern MIRROR = Pattern.compile("(?s)<mirror>(.*?)</mirror>");
  private static final Pattern MIRROR_OF = Pattern.compile("<mirrorOf>\\s*(\\S+?)\\s*</mirrorOf>");
  private static final Pattern URL = Pattern.compile("<url>\\s*(\\S+?)\\s*</url>");
  private static final Pattern CODENAME = Pattern.compile("(?m)^VERSION_CODENAME=\"?([a-z]+)\"?$");
  private static final Pattern COMMENT = Pattern.compile("(?s)<!--.*?-->");

  private ClientSetup() {}

  /** Maven's central repository: a mirror of the settings, else what the installation names. */
  public static Optional<String> mavenCentral() {
    Run version = run("mvn", "-version");
    Matcher home = Pattern.compile("Maven home: (.+)").matcher(version.output());
    if (version.exitCode() != 0 || !home.find()) {
      return Optional.empty();
    }
    Path mavenHome = Path.of(home.group(1).replaceAll("\u001b\\[[0-9;]*m", "").strip());
    Path user = Path.of(System.getProperty("user.home"), ".m2", "settings.xml");
    return Stream.of(user, mavenHome.resolve("conf/settings.xml"))
        .flatMap(settings -> mirrorOf(settings).stream())
        .findFirst()
        .or(() -> superPomUrl(mavenHome.resolve("lib")));
  }

  private static Optional<String> mirrorOf(Path settings) {
    if (!Files.isRegularFile(settings)) {
      return Optional.empty();
    }
    Matcher mirrors = MIRROR.matcher(COMMENT.matcher(read(settings)).replaceAll(""));
    while (mirrors.find()) {
      Matcher of = MIRROR_OF.matcher(mirrors.group(1));
      Matcher url = URL.matcher(mirrors.group(1));
      boolean central = of.find() && (of.group(1).contains("*") || of.group(1).contains("central"));
      if (central && !of.group(1).startsWith("external:http:") && url.find()) {
        return Optional.of(url.group(1));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> superPomUrl(Path lib) {
    try (Stream<Path> jars = Files.list(lib)) {
      return jars.filter(jar -> jar.getFileName().toString().startsWith("maven-model-builder"))
          .flatMap(jar -> urlInSuperPom(jar).stream())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> urlInSuperPom(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry("org/apache/maven/model/pom-4.0.0.xml");
      if (entry == null) {
        return Optional.empty();
      }
      try (InputStream in = zip.getInputStream(entry)) {
        Matcher url = URL.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        return url.find() ? Optional.of(url.group(1)) : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The registry npm fetches from. */
  public static Optional<String> npmRegistry() {
    Run run = run("npm", "config", "get", "registry");
    return run.output()
        .lines()
        .map(String::strip)
        .filter(line -> run.exitCode() == 0 && line.matches("https?://\\S+"))
        .findFirst();
  }

  /** The address from which apt would download a package now. */
  public static Optional<String> debianPackage(String name) {
    Run run = run("apt-get", "download", "--print-uris", name);
    Matcher uri = Pattern.compile("'(https?://[^']+\\.deb)'").matcher(run.output());
    return run.exitCode() == 0 && uri.find() ? Optional.of(uri.group(1)) : Optional.empty();
  }

  /** The code name of this machine's release, whose packages its archive has. */
  public static String debianSuite() {
    Matcher name = CODENAME.matcher(read(Path.of("/etc/os-release")));
    if (!name.find()) {
      throw new IllegalStateException("/etc/os-release names no release");
    }
    return name.group(1);
  }

  private static Run run(String... command) {
    return Run.program(List.of(command), null, Map.of(), LIMIT);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
