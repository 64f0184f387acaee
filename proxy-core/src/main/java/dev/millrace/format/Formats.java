package dev.millrace.format;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of package types that are built. */
public final class Formats {
  private static final Map<String, Format> BY_NAME =
      Stream.<Format>of(
              new GenericFormat(),
              new DockerFormat(),
              new RpmFormat(),
              new AlpineFormat(),
              new GoProxyFormat(),
              new MavenFormat(),
              new DebFormat(),
              new NpmFormat(),
              new PypiFormat(),
              new HelmFormat(),
              new CargoFormat(),
              new TerraformFormat(),
              new PuppetFormat())
          .collect(Collectors.toUnmodifiableMap(Format::name, Function.identity()));

  private Formats() {}

  /** The format of that name, or null. */
  public static @Nullable Format named(String name) {
    return BY_NAME.get(name);
  }
}
