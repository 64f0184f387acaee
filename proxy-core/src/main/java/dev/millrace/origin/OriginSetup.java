package dev.millrace.origin;

import dev.millrace.config.ServerLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What the upstream client needs from the composition root.
 *
 * @param loops the process's event loops; a fetch that starts on one of them prefers it
 * @param channels makes client sockets of the loops' transport
 * @param limits the wait for a connection and the minimum rate
 * @param proxies the network's HTTP proxies
 * @param resolver finds addresses; may block
 * @param blocking runs what may block: the resolver, the reading of certificates; virtual threads
 * @param nanos the clock of timeouts
 * @param events what is counted
 * @param userAgent value of {@code User-Agent}, {@code millrace/<version>}
 */
public record OriginSetup(
    EventLoopGroup loops,
    ChannelFactory<? extends Channel> channels,
    ServerLimits limits,
    OutboundProxies proxies,
    HostResolver resolver,
    Executor blocking,
    LongSupplier nanos,
    OriginEvents events,
    String userAgent) {}
