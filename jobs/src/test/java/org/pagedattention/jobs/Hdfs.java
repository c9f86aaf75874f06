package org.pagedattention.jobs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** HDFS with one data node in this JVM, started once for all test classes that ask for it. */
public final class Hdfs implements BeforeAllCallback {
    private Cluster cluster;

    private record Cluster(Path folder, MiniDFSCluster nodes) implements AutoCloseable {
        static Cluster start() {
            try {
                Path folder = Files.createTempDirectory("hdfs");
                // its ports are whatever is free
                return new Cluster(folder, new MiniDFSCluster.Builder(new Configuration(), folder.toFile()).build());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws IOException {
            nodes.shutdown();
            FileUtils.deleteDirectory(folder.toFile());
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        cluster = context.getRoot()
                .getStore(Namespace.GLOBAL)
                .getOrComputeIfAbsent(Cluster.class, key -> Cluster.start(), Cluster.class);
    }

    /** Its address, as in {@code fs.defaultFS}. */
    String uri() {
        return "hdfs://localhost:" + cluster.nodes().getNameNodePort();
    }

    /** A folder that is not there yet. */
    public String newFolder() {
        return uri() + "/test-" + UUID.randomUUID();
    }

    /** The files as another process reaches them: through a connection and leases of its own. */
    public DistributedFileSystem newClient() throws IOException {
        return (DistributedFileSystem) FileSystem.newInstance(URI.create(uri()), new Configuration());
    }

    /** After how many milliseconds without a sign of its writer others may take over a file. */
    public void setSoftLease(long millis) {
        cluster.nodes().setLeasePeriod(millis, 1_200_000);
    }
}
