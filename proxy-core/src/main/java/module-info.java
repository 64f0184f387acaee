/**
 * The proxy.
 *
 * <p>It runs from the class path; as a module it states what the code may read, and lets javac
 * check that what is exported leaks nothing else.
 */
@org.jspecify.annotations.NullMarked
module dev.millrace {
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires com.github.benmanes.caffeine;
  requires com.zaxxer.hikari;
  requires flyway.core;
  requires info.picocli;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.handler.proxy;
  requires io.netty.resolver;
  requires io.netty.resolver.dns;
  requires io.netty.tcnative.classes.openssl;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.unix.common;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires java.management;
  requires java.sql;
  requires jdk.management;
  requires org.bouncycastle.lts.prov;
  requires org.jsoup;
  requires org.postgresql.jdbc;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires org.xerial.sqlitejdbc;
  requires re2j;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  provides ch.qos.logback.classic.spi.Configurator with
      dev.millrace.observe.ProcessLog;
}
