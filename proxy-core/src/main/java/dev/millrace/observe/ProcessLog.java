package dev.millrace.observe;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;

/**
 * The log of the process: one event, one line, on standard error. The request log is another thing.
 *
 * <p>Logback finds it by its service file; a configuration file of Logback's own comes first. It is
 * code and not such a file because reading XML takes hundreds of classes at each start (decision
 * 10).
 *
 * <p>Limits: {@value #QUEUE_LINES} lines wait; what does not fit is dropped, since an event loop
 * must not wait for a terminal that reads slowly.
 */
public final class ProcessLog extends ContextAwareBase implements Configurator {
  private static final int QUEUE_LINES = 4096;

  /**
   * Line ends and other control characters in messages and stack traces become spaces, so that
   * nobody can forge a line.
   */
  private static final String PATTERN =
      "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\", UTC} %-5level [%thread] %logger{20} -"
          + " %replace(%msg%n%ex{30}){'[\\p{Cc}\\u2028\\u2029]+', ' '}%nopex%n";

  private static final List<String> QUIET =
      List.of("io.netty", "com.zaxxer.hikari", "org.flywaydb", "io.prometheus");

  private static final List<String> FILES = List.of("logback-test.xml", "logback.xml");

  @Override
  public ExecutionStatus configure(LoggerContext log) {
    if (isLeftToAFile()) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    setUp(log);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static boolean isLeftToAFile() {
    ClassLoader loader = ProcessLog.class.getClassLoader();
    return System.getProperty("logback.configurationFile") != null
        || FILES.stream().anyMatch(file -> loader.getResource(file) != null);
  }

  static void setUp(LoggerContext log) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(log);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setPattern(PATTERN);
    encoder.start();

    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(log);
    stderr.setName("stderr");
    stderr.setTarget(ConsoleTarget.SystemErr.getName());
    stderr.setEncoder(encoder);
    stderr.start();

    AsyncAppender queue = new AsyncAppender();
    queue.setContext(log);
    queue.setName("queue");
    queue.setQueueSize(QUEUE_LINES);
    queue.setNeverBlock(true);
    queue.addAppender(stderr);
    queue.start();

    QUIET.forEach(name -> log.getLogger(name).setLevel(Level.WARN));
    ch.qos.logback.classic.Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(System.getProperty("millrace.log.level"), Level.INFO));
    root.addAppender(queue);
  }
}
