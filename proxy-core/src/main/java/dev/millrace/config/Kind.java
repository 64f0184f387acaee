package dev.millrace.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a key's value may be and how its text becomes that value.
 *
 * @param <T> the value
 */
sealed interface Kind<T> {

  /** The unit or the allowed values, for the documentation. */
  String allowed();

  /**
   * One value, not a list.
   *
   * @param <T> the value
   */
  sealed interface Scalar<T> extends Kind<T> {
    /** Reads the text. */
    T parse(String text) throws BadValueException;

    /** Whether the value in a file must not stand in quotes, because it is no text. */
    default boolean plain() {
      return false;
    }
  }

  /**
   * A list.
   *
   * @param element what each element is
   * @param itemsMax elements at most
   * @param <T> the element's value
   */
  record ListOf<T>(Scalar<T> element, int itemsMax) implements Kind<List<T>> {
    @Override
    public String allowed() {
      return "list of " + element.allowed() + "s";
    }
  }

  /**
   * Text of one line.
   *
   * @param allowed what it means
   * @param charsMax length at most
   */
  record Text(String allowed, int charsMax) implements Scalar<String> {
    @Override
    public String parse(String text) throws BadValueException {
      if (text.length() > charsMax) {
        throw new BadValueException("is longer than " + charsMax + " characters");
      }
      if (text.chars().anyMatch(Character::isISOControl)) {
        throw new BadValueException("must not hold control characters");
      }
      return text;
    }
  }

  /** A remote's name: it stands in paths and in metrics. */
  record RemoteName() implements Scalar<String> {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    @Override
    public String allowed() {
      return "`" + NAME.pattern() + "`";
    }

    @Override
    public String parse(String text) throws BadValueException {
      if (!NAME.matches(text)) {
        throw new BadValueException("must match " + NAME.pattern());
      }
      return text;
    }
  }

  /** The name of another remote, or none. */
  record OtherRemote() implements Scalar<String> {
    @Override
    public String allowed() {
      return "name of a remote";
    }

    @Override
    public String parse(String text) throws BadValueException {
      return text.isEmpty() ? text : new RemoteName().parse(text);
    }
  }

  /** True or false. */
  record Flag() implements Scalar<Boolean> {
    @Override
    public String allowed() {
      return "`true` or `false`";
    }

    @Override
    public boolean plain() {
      return true;
    }

    @Override
    public Boolean parse(String text) throws BadValueException {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new BadValueException("\"" + text + "\" is neither true nor false");
      };
    }
  }

  /**
   * A whole number.
   *
   * @param min smallest
   * @param max largest
   */
  record Whole(int min, int max) implements Scalar<Integer> {
    @Override
    public String allowed() {
      return "whole number, " + min + " to " + max;
    }

    @Override
    public boolean plain() {
      return true;
    }

    @Override
    public Integer parse(String text) throws BadValueException {
      long value;
      try {
        value = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new BadValueException("\"" + text + "\" is not a whole number");
      }
      if (value < min || value > max) {
        throw new BadValueException(text + " is not between " + min + " and " + max);
      }
      return (int) value;
    }
  }

  /**
   * A size.
   *
   * @param min smallest
   * @param max largest
   */
  record Bytes(long min, long max) implements Scalar<Long> {
    @Override
    public String allowed() {
      return "bytes, " + range();
    }

    @Override
    public Long parse(String text) throws BadValueException {
      long value = Quantity.parseBytes(text);
      if (value < min || value > max) {
        throw new BadValueException(text + " is not between " + range().replace(" to ", " and "));
      }
      return value;
    }

    private String range() {
      return Quantity.formatBytes(min) + " to " + Quantity.formatBytes(max);
    }
  }

  /**
   * A length of time.
   *
   * @param min shortest
   * @param max longest
   */
  record Span(Duration min, Duration max) implements Scalar<Duration> {
    @Override
    public String allowed() {
      return "duration, " + range();
    }

    @Override
    public Duration parse(String text) throws BadValueException {
      Duration value = Quantity.parseDuration(text);
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        throw new BadValueException(text + " is not between " + range().replace(" to ", " and "));
      }
      return value;
    }

    private String range() {
      return Quantity.formatDuration(min) + " to " + Quantity.formatDuration(max);
    }
  }

  /**
   * One of a closed set, spelled in lower case.
   *
   * @param type the set
   * @param <E> the set
   */
  record Choice<E extends Enum<E>>(Class<E> type) implements Scalar<E> {
    @Override
    public String allowed() {
      return words().keySet().stream().sorted().collect(Collectors.joining("`, `", "`", "`"));
    }

    @Override
    public E parse(String text) throws BadValueException {
      E value = words().get(text);
      if (value == null) {
        throw new BadValueException(
            "\""
                + text
                + "\" is not one of "
                + String.join(", ", words().keySet().stream().sorted().toList()));
      }
      return value;
    }

    private Map<String, E> words() {
      return List.of(type.getEnumConstants()).stream()
          .collect(
              Collectors.toMap(value -> value.name().toLowerCase(Locale.ROOT), value -> value));
    }
  }

  /** The types of packages. */
  record PackageType() implements Scalar<String> {
    private static final List<String> BUILT =
        List.of(
            "generic",
            "docker",
            "helm",
            "pypi",
            "npm",
            "rpm",
            "alpine",
            "puppet",
            "terraform",
            "goproxy",
            "maven",
            "deb",
            "cargo");

    @Override
    public String allowed() {
      return "`" + String.join("`, `", BUILT) + "`";
    }

    @Override
    public String parse(String text) throws BadValueException {
      if (BUILT.contains(text)) {
        return text;
      }
      throw new BadValueException(
          "\"" + text + "\" is no package type; there is " + String.join(", ", BUILT));
    }
  }

  /** How a repository gets its content: only {@code remote} is built. */
  record RepositoryType() implements Scalar<String> {
    @Override
    public String allowed() {
      return "`remote`";
    }

    @Override
    public String parse(String text) throws BadValueException {
      return switch (text) {
        case "remote" -> text;
        case "local" -> throw new BadValueException("\"local\" is not built yet; there is remote");
        default -> throw new BadValueException("\"" + text + "\" is not one of remote");
      };
    }
  }

  /** An address to listen on. */
  record Address() implements Scalar<Settings.Listen> {
    private static final Pattern ADDRESS =
        Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)\\]|([A-Za-z0-9._-]+)):([0-9]{1,5})");

    @Override
    public String allowed() {
      return "`HOST:PORT`; port 0 picks a free one";
    }

    @Override
    public Settings.Listen parse(String text) throws BadValueException {
      if (text.startsWith(":")) {
        throw new BadValueException(
            "\"" + text + "\" names no host; 0.0.0.0" + text + " means every address");
      }
      var match = ADDRESS.matcher(text);
      if (!match.matches()) {
        throw new BadValueException(
            "\"" + text + "\" is not HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000");
      }
      int port = Integer.parseInt(match.group(3));
      if (port > 65_535) {
        throw new BadValueException("port " + port + " is not between 0 and 65535");
      }
      String literal = match.group(1);
      return new Settings.Listen(literal == null ? match.group(2) : literal, port);
    }
  }

  /**
   * A path in the file system; a relative one starts at the working directory.
   *
   * @param allowed what it names
   */
  record FilePath(String allowed) implements Scalar<Path> {
    @Override
    public Path parse(String text) throws BadValueException {
      if (text.isBlank()) {
        throw new BadValueException("is empty");
      }
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw new BadValueException("is not a path: " + e.getReason());
      }
    }
  }

  /** Where an upstream is, with the credentials that may stand in it. */
  record Url() implements Scalar<BaseUrl> {
    @Override
    public String allowed() {
      return "http or https URL";
    }

    @Override
    public BaseUrl parse(String text) throws BadValueException {
      return BaseUrl.parse(text);
    }
  }

  /** A host with or without its port, as links spell it. */
  record HostAndPort() implements Scalar<String> {
    private static final Pattern HOST =
        Pattern.compile("[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?");

    @Override
    public String allowed() {
      return "host or host:port";
    }

    @Override
    public String parse(String text) throws BadValueException {
      String host = text.toLowerCase(Locale.ROOT);
      if (!HOST.matches(host)) {
        throw new BadValueException(
            "\"" + text + "\" is not a host, such as files.example.com or files.example.com:8443");
      }
      return host;
    }
  }

  /** Blocks of addresses. */
  record Blocks() implements Scalar<Networks> {
    @Override
    public String allowed() {
      return "addresses and blocks such as 10.0.0.0/8, with commas";
    }

    @Override
    public Networks parse(String text) throws BadValueException {
      return Networks.parse(text);
    }
  }

  /** Where a database is. */
  record Database() implements Scalar<DatabaseUrl> {
    @Override
    public String allowed() {
      return "`postgresql://HOST:PORT/DATABASE`";
    }

    @Override
    public DatabaseUrl parse(String text) throws BadValueException {
      return DatabaseUrl.parse(text);
    }
  }

  /**
   * A regular expression of RE2 syntax: it matches in linear time.
   *
   * @param charsMax length at most
   */
  record Regex(int charsMax) implements Scalar<Pattern> {
    @Override
    public String allowed() {
      return "regular expression";
    }

    @Override
    public Pattern parse(String text) throws BadValueException {
      if (text.isEmpty()) {
        throw new BadValueException("is empty, which would match everything");
      }
      if (text.length() > charsMax) {
        throw new BadValueException("is longer than " + charsMax + " characters");
      }
      try {
        return Pattern.compile(text);
      } catch (PatternSyntaxException e) {
        // RE2/J says "internal error" of a parenthesis that closes nothing.
        String what =
            e.getDescription().contains("internal error")
                ? "unexpected ): " + text
                : e.getDescription() + ": " + e.getPattern();
        throw new BadValueException("is not a regular expression (RE2): " + what);
      }
    }
  }
}
