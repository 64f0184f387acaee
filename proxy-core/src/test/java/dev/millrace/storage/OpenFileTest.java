package dev.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counted leases on one descriptor. */
final class OpenFileTest {
  private final AtomicInteger closes = new AtomicInteger();
  private final OpenFile file;

  OpenFileTest(@TempDir Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    file = new OpenFile(channel, closes::incrementAndGet);
  }

  @Test
  void lastLease_closesOnce() {
    assertThat(file.tryRetain()).isTrue();
    file.release();
    assertThat(file.channel().isOpen()).isTrue();
    file.release();
    assertThat(file.channel().isOpen()).isFalse();
    assertThat(closes).hasValue(1);
  }

  @Test
  void closedFile_givesNoLease() {
    file.release();
    assertThat(file.tryRetain()).isFalse();
  }

  @Test
  void leaseGivenBackTwice_isAnError() {
    file.release();
    assertThatThrownBy(file::release).isInstanceOf(IllegalStateException.class);
  }
}
