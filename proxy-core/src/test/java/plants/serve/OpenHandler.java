package plants.serve;

import io.netty.channel.ChannelInboundHandlerAdapter;

/** The fault: a handler that can be extended. */
class OpenHandler extends ChannelInboundHandlerAdapter {}
