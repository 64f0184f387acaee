package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Checkout;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bin/millrace} records an AOT cache once, uses it, and starts without one all the same. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AotCacheTest {
  private static final String RECORDING = "recording an AOT cache";

  private final Checkout checkout = Checkout.create();
  private final Folder files = Folder.create();
  private Run first = new Run(-1, "");

  @BeforeAll
  void startFirst() {
    first = checkout.run("", "--version");
  }

  @AfterAll
  void delete() {
    new Folder(checkout.root()).delete();
    files.delete();
  }

  @Test
  void firstStart_recordsTheCache_andSaysSo() {
    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(first.output()).startsWith("millrace ").contains(RECORDING, "recorded in");
    assertThat(checkout.cache()).isNotEmptyFile();
  }

  @Test
  void secondStart_takesItsClassesFromTheCache() throws IOException {
    Path log = files.root().resolve("classes.log");

    serve("-Xlog:class+load:file=" + log);

    assertThat(Files.readAllLines(log))
        .anyMatch(line -> line.contains("dev.millrace.node.Node source: shared objects file"))
        .anyMatch(line -> line.contains("io.netty.channel.epoll.Epoll source: shared objects file"))
        .noneMatch(line -> line.contains("dev.millrace.node.Node source: jar"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseZGC", "-XX:-UseCompactObjectHeaders -Xmx96m"})
  void otherOptionsThanTheRecordingHad_start(String options) {
    serve(options);
  }

  @Test
  void damagedCache_isLeftAlone() throws IOException {
    byte[] whole = Files.readAllBytes(checkout.cache());
    try {
      Files.write(checkout.cache(), Arrays.copyOf(whole, whole.length / 2));
      serve("");
      Files.write(checkout.cache(), new byte[4096], StandardOpenOption.WRITE);
      serve("");
    } finally {
      Files.write(checkout.cache(), whole);
    }
  }

  @Test
  void cacheOfAnotherJdkOrBuild_isRecordedAgain() throws IOException {
    Checkout other = Checkout.create();
    try {
      Files.writeString(other.cache(), "recorded by another JDK");
      Files.writeString(Path.of(other.cache() + ".key"), "another JDK");

      Run run = other.run("", "--version");

      assertThat(run.output()).startsWith("millrace ").contains(RECORDING, "recorded in");
      serve(other, "");
    } finally {
      new Folder(other.root()).delete();
    }
  }

  /** A JDK that cannot record stands for whatever can go wrong there. */
  @Test
  void recordingThatFails_isSaidOnce_andTheProxyStartsWithoutACache() throws IOException {
    Checkout other = Checkout.create();
    try {
      Path jdk = other.root().resolve("jdk");
      Files.createDirectories(jdk.resolve("bin"));
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      script(
          jdk.resolve("bin/java"),
          "case \"$*\" in *AOTCacheOutput*) exit 1 ;; esac",
          "exec '" + java + "' \"$@\"");
      script(other.script("find-jdk"), "echo '" + jdk + "'");

      Run run = other.run("", "--version");

      assertThat(run.exitCode()).as(run.output()).isZero();
      assertThat(run.output()).startsWith("millrace ").contains("the recording failed");
      assertThat(other.cache()).doesNotExist();
      serve(other, "");
    } finally {
      new Folder(other.root()).delete();
    }
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void serve(String javaOptions) {
    serve(checkout, javaOptions);
  }

  /** Starts the proxy, which must record nothing, and asks it for something. */
  private static void serve(Checkout from, String javaOptions) {
    Folder data = Folder.create();
    try (Millrace millrace =
        Millrace.start(
            from.launch(
                javaOptions,
                "serve",
                "--listen=127.0.0.1:0",
                "--data=" + data.root(),
                "--remote=gen=generic:http://127.0.0.1:9"))) {
      try (RawClient client = RawClient.connect(millrace.port())) {
        assertThat(client.get("/health").status()).isEqualTo(200);
      }
      assertThat(millrace.said(RECORDING)).as(millrace.dump()).isFalse();
    } finally {
      data.delete();
    }
  }
}
