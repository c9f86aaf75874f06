package org.pagedattention.plugin;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The machine of this process. Spark's own answer, {@code PluginContext.hostname}, fails in executors of a
 * cluster, whose RPC side has no address. */
final class ThisHost {
    private ThisHost() {}

    /** The same name for all processes of the machine, or of the container. */
    static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // the machine does not know its own name; the message has what it believes to be called
            return String.valueOf(e.getMessage());
        }
    }
}
