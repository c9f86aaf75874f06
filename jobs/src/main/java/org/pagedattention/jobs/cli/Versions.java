package org.pagedattention.jobs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.spark.SparkBuildInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Versions implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"Paged Attention for Apache Spark " + product(), "Apache Spark " + spark()};
    }

    /** This build's version, which the build writes into a resource. */
    public static String product() {
        try (InputStream text = Versions.class.getResourceAsStream("version.txt")) {
            return text == null ? "development" : new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String spark() {
        return SparkBuildInfo.spark_version();
    }
}
