package org.pagedattention.jobs;

import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.gaul.s3proxy.junit.S3ProxyJunitCore;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * An S3 server in this JVM with one bucket, in memory, started once for all test classes that ask for it: Spark keeps
 * its connections to it.
 */
public final class S3 implements BeforeAllCallback {
    private static final String BUCKET = "tables";

    private Server server;

    private record Server(S3ProxyJunitCore proxy) implements AutoCloseable {
        static Server start() {
            try {
                // its port is whatever is free
                Server server = new Server(new S3ProxyJunitCore.Builder()
                        .withCredentials("user", "secret")
                        .withBlobStoreProvider("transient-nio2")
                        .build());
                server.proxy.beforeEach();
                try (S3AFileSystem files = server.connect()) {
                    files.getS3AInternals().getAmazonS3Client("tests").createBucket(to -> to.bucket(BUCKET));
                }
                return server;
            } catch (Exception e) { // whatever the server declares
                throw new IllegalStateException(e);
            }
        }

        Configuration set(Configuration hadoop) {
            hadoop.set("fs.s3a.endpoint", proxy.getUri().toString());
            hadoop.set("fs.s3a.endpoint.region", "us-east-1");
            hadoop.set("fs.s3a.path.style.access", "true");
            hadoop.set("fs.s3a.access.key", proxy.getAccessKey());
            hadoop.set("fs.s3a.secret.key", proxy.getSecretKey());
            return hadoop;
        }

        S3AFileSystem connect() throws IOException {
            return (S3AFileSystem) FileSystem.newInstance(URI.create("s3a://" + BUCKET), set(new Configuration()));
        }

        @Override
        public void close() {
            proxy.afterEach();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(Namespace.GLOBAL)
                .getOrComputeIfAbsent(Server.class, key -> Server.start(), Server.class);
        // other classes may have begun another Spark application
        server.set(JobRun.spark().sparkContext().hadoopConfiguration());
    }

    /** A folder that is not there yet. */
    public String newFolder() {
        return "s3a://" + BUCKET + "/test-" + UUID.randomUUID();
    }

    /** Settings with which another process reaches the files. */
    public Configuration configuration() {
        return server.set(new Configuration());
    }

    /** The files as another process reaches them. */
    public S3AFileSystem newClient() throws IOException {
        return server.connect();
    }
}
