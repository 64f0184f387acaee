package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The log of the process as it is shipped: quiet libraries, one event on one line. */
final class ProcessLogTest {
  private final LoggerContext context = new LoggerContext();
  private AsyncAppender queue = new AsyncAppender();

  @BeforeEach
  void configure() {
    ProcessLog.setUp(context);
    queue = (AsyncAppender) root().getAppender("queue");
  }

  @AfterEach
  void end() {
    context.stop();
  }

  @Test
  void logback_findsIt() {
    assertThat(ServiceLoader.load(Configurator.class))
        .anyMatch(configurator -> configurator instanceof ProcessLog);
  }

  /** The file here is the one of the tests. */
  @Test
  void configurationFile_comesFirst() {
    assertThat(new ProcessLog().configure(new LoggerContext()))
        .isEqualTo(Configurator.ExecutionStatus.INVOKE_NEXT_IF_ANY);
  }

  @Test
  void levels_areInfo_andWarnForLibraries() {
    assertThat(root().getLevel()).isEqualTo(Level.INFO);
    assertThat(context.getLogger("io.netty.channel.Channel").getEffectiveLevel())
        .isEqualTo(Level.WARN);
    assertThat(context.getLogger("com.zaxxer.hikari.HikariDataSource").getEffectiveLevel())
        .isEqualTo(Level.WARN);
    assertThat(context.getLogger("org.flywaydb.core").getEffectiveLevel()).isEqualTo(Level.WARN);
  }

  @Test
  void slowTerminal_neverBlocksWhoLogs() {
    assertThat(queue.isNeverBlock()).isTrue();
    assertThat(console().getTarget()).isEqualTo("System.err");
  }

  /** MG08: neither a message nor a stack trace can forge a line or speak to a terminal. */
  @Test
  void event_isOneLineWithoutControlCharacters() {
    Throwable thrown = new IllegalStateException("b\r\nforged", new RuntimeException("c\u001b[2J"));
    LoggingEvent event =
        new LoggingEvent(
            "x", root(), Level.WARN, "a\r\nforged \u009b {}", thrown, new Object[] {1});
    String text = new String(console().getEncoder().encode(event), StandardCharsets.UTF_8);

    assertThat(text).endsWith(System.lineSeparator());
    assertThat(text.stripTrailing().chars()).noneMatch(Character::isISOControl);
    assertThat(text).contains("WARN", "a forged", "IllegalStateException: b forged", "[2J");
  }

  private Logger root() {
    return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private ConsoleAppender<?> consoleAppender() {
    return (ConsoleAppender<?>) queue.getAppender("stderr");
  }

  @SuppressWarnings("unchecked") // Logback's appenders here are all for its own events.
  private ConsoleAppender<ch.qos.logback.classic.spi.ILoggingEvent> console() {
    return (ConsoleAppender<ch.qos.logback.classic.spi.ILoggingEvent>) consoleAppender();
  }
}
