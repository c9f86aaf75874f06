package org.pagedattention.plugin;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.DeployMessages.MasterStateResponse;
import org.apache.spark.deploy.DeployMessages.RequestMasterState$;
import org.apache.spark.deploy.master.WorkerInfo;
import org.apache.spark.rpc.RpcAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.reflect.ClassTag$;

/** Asks a standalone master what its workers have left. */
final class StandaloneMaster {
    private static final Logger LOG = LoggerFactory.getLogger(StandaloneMaster.class);
    private static final String SCHEME = "spark://";
    private static final String ENDPOINT = "Master";

    private StandaloneMaster() {}

    /**
     * What each live worker has left, such as {@code host-1: 2 cores, 1024 MiB, 0 GPUs}.
     *
     * @param master as in {@code spark.master}; several with commas between
     * @return empty where no standalone master answers
     */
    static Optional<List<String>> workers(String master) {
        if (!master.startsWith(SCHEME)) {
            return Optional.empty();
        }
        return Arrays.stream(master.substring(SCHEME.length()).split(",", -1))
                .map(address -> ask(URI.create(SCHEME + address)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<List<String>> ask(URI address) {
        try {
            MasterStateResponse state = SparkEnv.get()
                    .rpcEnv()
                    .setupEndpointRef(new RpcAddress(address.getHost(), address.getPort()), ENDPOINT)
                    .askSync(RequestMasterState$.MODULE$, ClassTag$.MODULE$.apply(MasterStateResponse.class));
            return Optional.of(Arrays.stream(state.workers())
                    .filter(WorkerInfo::isAlive)
                    .map(StandaloneMaster::left)
                    .sorted()
                    .toList());
        } catch (Exception e) { // Spark throws checked exceptions without declaring them
            LOG.debug("{} does not say what its workers have", address, e);
            return Optional.empty();
        }
    }

    private static String left(WorkerInfo worker) {
        Option<Object> gpus = worker.resourcesAmountFree().get(DriverSide.GPU);
        return worker.host() + ": " + worker.coresFree() + " cores, " + worker.memoryFree() + " MiB, "
                + (gpus.isEmpty() ? "0" : gpus.get()) + " GPUs";
    }
}
