package dev.millrace.server;

import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/**
 * How parts of files get to the clients of one transport.
 *
 * @param reads reads them where the connection cannot be given the file, else null
 * @param partBytes how much of what is read is handed over at once: a client counts as slow until
 *     it has taken a whole part
 * @param cork the option that holds back segments that are not full, where there is one
 */
record FileDelivery(
    @Nullable FileReads reads, int partBytes, @Nullable ChannelOption<Boolean> cork) {}
